using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>Joins operators as interpreters want them: a bias into its layer, a factor into constant weights, an activation into what it follows, known idioms into their operators.</summary>
internal sealed class FloatFusion
{
    private static readonly HashSet<string> Layers = new(StringComparer.Ordinal) { "CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV", "FULLY_CONNECTED", "CONV_3D" };
    private static readonly HashSet<string> Activated = new(StringComparer.Ordinal) { "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD", "SUB", "MUL", "DIV", "AVERAGE_POOL_2D", "MAX_POOL_2D", "CONV_3D" };

    private readonly SubgraphDraft graph;
    private readonly Uses uses;

    private FloatFusion(SubgraphDraft graph)
    {
        this.graph = graph;
        uses = new(graph);
    }

    /// <summary>Joins all that can be joined.</summary>
    public static void Run(SubgraphDraft graph)
    {
        var fusion = new FloatFusion(graph);
        foreach (OperatorDraft op in graph.Operators.ToArray())
        {
            if (!graph.Operators.Contains(op))
                continue;
            fusion.JoinIdiom(op);
            fusion.TakeOutIdle(op);
        }
        foreach (OperatorDraft op in graph.Operators.ToArray().Where(op => Layers.Contains(op.Name)))
            fusion.JoinLayer(op);
        foreach (OperatorDraft op in graph.Operators.ToArray().Where(op => Activated.Contains(op.Name)))
            fusion.JoinActivation(op);
        DeadOperators.Remove(graph);
    }

    private static int BiasInput(OperatorDraft op) => op.Name == "TRANSPOSE_CONV" ? 3 : 2;

    private void JoinLayer(OperatorDraft op)
    {
        while (op.Outputs[0].Type == TensorType.Float32 && op.Options.Int("activation") == 0 && uses.OnlyConsumer(op.Outputs[0]) is { } next)
        {
            int channels = op.Outputs[0].Shape[^1];
            int at = next.Inputs.IndexOf(op.Outputs[0]);
            if (next.Name == "ADD" && next.Inputs.Count == 2 && TryTakeHalfBias(op, next, next.Inputs[1 - at]!, channels))
                continue;
            if (next.Name is not ("ADD" or "MUL") || next.Inputs.Count != 2 || next.Inputs[1 - at] is not { Constant: { Type: DataType.Float } constant } || next.Options.Present.Count > 0 && next.Options.Int("activation") != 0)
                return;
            if (!IsPerChannel(constant, channels) || !next.Outputs[0].Shape.SequenceEqual(op.Outputs[0].Shape))
                return;
            if (next.Name == "ADD")
                AddBias(op, constant, channels);
            else if (next.Name != "MUL" || !TryScale(op, constant, channels))
                return;
            TakeOver(op, next);
        }
    }

    /// <summary>A bias that a DEQUANTIZE makes of a half-precision constant.</summary>
    private bool TryTakeHalfBias(OperatorDraft op, OperatorDraft next, TensorDraft bias, int channels)
    {
        bool isHalf = uses.Producer(bias) is { Name: "DEQUANTIZE" } dequantize && dequantize.Inputs[0] is { Type: TensorType.Float16, Constant: not null } && bias.Rank == 1 && bias.Shape[0] == channels;
        if (!isHalf || op.Inputs.ElementAtOrDefault(BiasInput(op)) is not null || next.Options.Int("activation") != 0 || !next.Outputs[0].Shape.SequenceEqual(op.Outputs[0].Shape))
            return false;
        uses.SetInput(op, BiasInput(op), bias);
        MoveBefore(uses.Producer(bias)!, op);
        TakeOver(op, next);
        return true;
    }

    private void MoveBefore(OperatorDraft producer, OperatorDraft op)
    {
        graph.Operators.Remove(producer);
        graph.Operators.InsertBefore(op, producer);
    }

    private static bool IsPerChannel(Tensor constant, int channels) =>
        (constant.ElementCount == channels && (constant.Shape.Rank == 0 || constant.Shape[constant.Shape.Rank - 1] == channels)) || constant.ElementCount == 1;

    private void AddBias(OperatorDraft op, Tensor added, int channels)
    {
        float[]? bias = op.Inputs.ElementAtOrDefault(BiasInput(op))?.Constant?.AsSpan<float>().ToArray();
        ReadOnlySpan<float> values = added.AsSpan<float>();
        float[] sum = new float[channels];
        for (int c = 0; c < channels; c++)
            sum[c] = (bias?[c] ?? 0) + values[c % values.Length];
        string name = uses.OnlyConsumer(op.Outputs[0])!.Inputs.First(input => input!.Constant is not null)!.Name;
        uses.SetInput(op, BiasInput(op), TensorDraft.Of(name, Tensor.Create<float>(DataType.Float, TensorShape.Of(channels), sum)));
    }

    /// <summary>Multiplies the float weights of a layer that nothing else reads.</summary>
    private bool TryScale(OperatorDraft op, Tensor factors, int channels)
    {
        if (op.Inputs[1] is not { Constant: { Type: DataType.Float } weights } tensor || uses.Consumers(tensor).Count != 1 || op.Name is "CONV_3D")
            return false;
        if (op.Inputs.ElementAtOrDefault(BiasInput(op)) is { Constant: null })
            return false;
        ReadOnlySpan<float> values = factors.AsSpan<float>();
        bool isLast = op.Name == "DEPTHWISE_CONV_2D";
        int inner = (int)(weights.ElementCount / channels);
        Tensor scaled = Tensor.Allocate<float>(DataType.Float, weights.Shape, out var elements);
        ReadOnlySpan<float> source = weights.AsSpan<float>();
        for (int i = 0; i < elements.Length; i++)
            elements[i] = source[i] * values[(isLast ? i % channels : i / inner) % values.Length];
        uses.SetInput(op, 1, TensorDraft.Of(tensor.Name, scaled));
        if (op.Inputs.ElementAtOrDefault(BiasInput(op))?.Constant is { } bias)
        {
            float[] product = bias.AsSpan<float>().ToArray();
            for (int c = 0; c < product.Length; c++)
                product[c] *= values[c % values.Length];
            uses.SetInput(op, BiasInput(op), TensorDraft.Of(op.Inputs[BiasInput(op)]!.Name, Tensor.Create<float>(DataType.Float, bias.Shape, product)));
        }
        return true;
    }

    private void JoinActivation(OperatorDraft op)
    {
        if (op.Options.Int("activation") != 0 || op.Outputs[0].Type != TensorType.Float32 || uses.OnlyConsumer(op.Outputs[0]) is not { } next)
            return;
        int activation = next.Name switch
        {
            "RELU" => 1,
            "RELU_N1_TO_1" => 2,
            "RELU6" => 3,
            _ => 0,
        };
        if (activation == 0)
            return;
        op.Set("activation", activation);
        TakeOver(op, next);
    }

    /// <summary>Lets an operator compute what the next one computed.</summary>
    private void TakeOver(OperatorDraft op, OperatorDraft next)
    {
        TensorDraft result = next.Outputs[0];
        uses.Remove(next);
        uses.SetOutput(op, 0, result);
    }

    /// <summary>Takes out what reshapes a tensor to the shape that it has.</summary>
    private void TakeOutIdle(OperatorDraft op)
    {
        if (op.Name is not ("RESHAPE" or "SQUEEZE") || op.Inputs[0] is not { Constant: null, IsInput: false } data || !data.Shapes[0].SequenceEqual(op.Outputs[0].Shapes[0]) || !data.Shapes[1].SequenceEqual(op.Outputs[0].Shapes[1]))
            return;
        bool isOutput = graph.Outputs.Contains(op.Outputs[0]);
        if (isOutput && graph.Outputs.Contains(data))
            return;
        string name = op.Outputs[0].Name;
        uses.Redirect(op.Outputs[0], data);
        uses.Remove(op);
        if (isOutput)
            data.Name = name;
    }

    /// <summary>Idioms that reading an operator makes, and that graphs of its layer have.</summary>
    private void JoinIdiom(OperatorDraft op)
    {
        if (op.Name == "MUL")
        {
            if (!TryJoinHardSwish(op) && !TryJoinGelu(op))
                JoinNormalization(op);
        }
        else if (op.Name == "SUB")
        {
            JoinPrelu(op);
        }
        else if (op.Name == "SOFTMAX" && uses.Producer(op.Inputs[0]) is { Name: "MUL" } scale && Scalar(scale, out TensorDraft? logits) is { } beta && uses.OnlyConsumer(scale.Outputs[0]) == op)
        {
            op.Set("beta", op.Options.Real("beta") * beta);
            uses.SetInput(op, 0, logits);
        }
    }

    /// <summary>x · relu6(x + 3) · 1/6.</summary>
    private bool TryJoinHardSwish(OperatorDraft op)
    {
        if (Scalar(op, out TensorDraft? product) is not { } sixth || Math.Abs(sixth - (1 / 6f)) > 1e-6 || uses.Producer(product) is not { Name: "MUL" } inner || uses.OnlyConsumer(product!) is null)
            return false;
        foreach (int gateInput in (int[])[0, 1])
        {
            TensorDraft? x = inner.Inputs[1 - gateInput];
            if (uses.Producer(inner.Inputs[gateInput]) is { Name: "RELU6" } gate && uses.Producer(gate.Inputs[0]) is { Name: "ADD" } sum && Scalar(sum, out TensorDraft? shifted) is 3f && shifted == x)
            {
                Replace(op, "HARD_SWISH", x!);
                return true;
            }
        }
        return false;
    }

    /// <summary>0.5 · x · (1 + erf(x / √2)) or with tanh.</summary>
    private bool TryJoinGelu(OperatorDraft op)
    {
        for (int i = 0; i < 2; i++)
        {
            if (uses.Producer(op.Inputs[i]) is not { Name: "MUL" } half || Scalar(half, out TensorDraft? x) is not 0.5f || uses.Producer(op.Inputs[1 - i]) is not { Name: "ADD" } sum || Scalar(sum, out TensorDraft? share) is not 1f)
                continue;
            if (uses.Producer(share) is { Name: "TANH" } tanh && IsGeluCubic(tanh.Inputs[0], x!))
            {
                Replace(op, "GELU", x!);
                op.Set("approximate", true);
                return true;
            }
            if (share!.Name.EndsWith("Erf", StringComparison.Ordinal) && IsErf(share, x!))
            {
                Replace(op, "GELU", x!);
                op.Set("approximate", false);
                return true;
            }
        }
        return false;
    }

    private bool IsGeluCubic(TensorDraft? inner, TensorDraft x) =>
        uses.Producer(inner) is { Name: "MUL" } scaled && Scalar(scaled, out TensorDraft? sum) is { } root && Math.Abs(root - 0.7978846f) < 1e-5 && uses.Producer(sum) is { Name: "ADD" } add && add.Inputs.Contains(x)
        && uses.Producer(add.Inputs[0] == x ? add.Inputs[1] : add.Inputs[0]) is { Name: "MUL" } cubic && Scalar(cubic, out TensorDraft? cube) is { } coefficient && Math.Abs(coefficient - 0.044715f) < 1e-5 && IsCube(cube, x);

    private bool IsCube(TensorDraft? cube, TensorDraft x) => uses.Producer(cube) switch
    {
        { Name: "POW" } power => power.Inputs[0] == x && Scalar(power, out _) is 3f,
        { Name: "MUL" } product => product.Inputs.Contains(x) && IsSquare(product.Inputs[0] == x ? product.Inputs[1] : product.Inputs[0], x),
        _ => false,
    };

    private bool IsSquare(TensorDraft? square, TensorDraft x) => uses.Producer(square) switch
    {
        { Name: "SQUARE" } op => op.Inputs[0] == x,
        { Name: "MUL" } op => op.Inputs[0] == x && op.Inputs[1] == x,
        _ => false,
    };

    /// <summary>True when a tensor is what an Erf of x / √2 was lowered to: sign(x/√2) · (…).</summary>
    private bool IsErf(TensorDraft erf, TensorDraft x) =>
        uses.Producer(erf) is { Name: "MUL" } product && product.Inputs.Select(uses.Producer).FirstOrDefault(op => op is { Name: "SIGN" }) is { } sign
        && uses.Producer(sign.Inputs[0]) is { Name: "MUL" or "DIV" } scaled && Scalar(scaled, out TensorDraft? source) is { } factor && source == x
        && Math.Abs((scaled.Name == "MUL" ? factor : 1 / factor) - 0.70710678f) < 1e-5;

    /// <summary>x · rsqrt(max(Σx², ε)).</summary>
    private void JoinNormalization(OperatorDraft op)
    {
        for (int i = 0; i < 2; i++)
        {
            TensorDraft? x = op.Inputs[i];
            if (uses.Producer(op.Inputs[1 - i]) is { Name: "RSQRT" } root && uses.Producer(root.Inputs[0]) is { Name: "MAXIMUM" } floor && Scalar(floor, out TensorDraft? sum) is { } least && least <= 1e-6f
                && uses.Producer(sum) is { Name: "SUM" } total && total.Options.Flag("keep_dims") && total.Inputs[1]!.Constant is { ElementCount: 1 } axes && IsLast(axes, x!.Rank)
                && uses.Producer(total.Inputs[0]) is { Name: "SQUARE" } square && square.Inputs[0] == x)
            {
                Replace(op, "L2_NORMALIZATION", x!);
                return;
            }
        }
    }

    private static bool IsLast(Tensor axes, int rank) => ShapeRules.Integers(axes) is [var axis] && (axis == -1 || axis == rank - 1);

    /// <summary>relu(x) - α · relu(-x).</summary>
    private void JoinPrelu(OperatorDraft op)
    {
        if (uses.Producer(op.Inputs[0]) is not { Name: "RELU" } positive || uses.Producer(op.Inputs[1]) is not { Name: "MUL" } slope)
            return;
        for (int i = 0; i < 2; i++)
        {
            if (uses.Producer(slope.Inputs[i]) is { Name: "RELU" } relu && uses.Producer(relu.Inputs[0]) is { Name: "NEG" } negative && negative.Inputs[0] == positive.Inputs[0]
                && slope.Inputs[1 - i] is { Constant: { Type: DataType.Float } alpha } tensor && alpha.Shape.Rank == positive.Inputs[0]!.Rank - 1)
            {
                Replace(op, "PRELU", positive.Inputs[0]!, tensor);
                return;
            }
        }
    }

    /// <summary>The scalar constant among the two inputs of an operator, and the other one.</summary>
    private static float? Scalar(OperatorDraft op, out TensorDraft? other)
    {
        for (int i = 0; i < op.Inputs.Count && op.Inputs.Count == 2; i++)
        {
            if (op.Inputs[i]?.Constant is { Type: DataType.Float, ElementCount: 1 } constant)
            {
                other = op.Inputs[1 - i];
                return constant.AsSpan<float>()[0];
            }
        }
        other = null;
        return null;
    }

    private void Replace(OperatorDraft op, string name, params ReadOnlySpan<TensorDraft> inputs)
    {
        while (op.Inputs.Count > inputs.Length)
        {
            uses.SetInput(op, op.Inputs.Count - 1, null);
            op.Inputs.RemoveAt(op.Inputs.Count - 1);
        }
        for (int i = 0; i < inputs.Length; i++)
            uses.SetInput(op, i, inputs[i]);
        op.Schema = OperatorSchema.Of(name);
        op.Options = OptionValues.Defaults(op.Schema);
    }
}
