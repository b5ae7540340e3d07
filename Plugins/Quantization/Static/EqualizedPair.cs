using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>Two layers with only channel-wise nodes between them that nothing else reads.</summary>
internal sealed class EqualizedPair
{
    private const float CostlyDifference = 8;
    private const int MostExponent = 8;
    private readonly LayerWeights first;
    private readonly LayerWeights second;
    private readonly List<Node> way;
    private readonly Dictionary<Node, float[]> biases;
    private readonly float[] divisors;
    private readonly float[] moved;
    private readonly (float Min, float Max)? input;

    private EqualizedPair(LayerWeights first, LayerWeights second, List<Node> way, Dictionary<Node, float[]> biases, (float Min, float Max)? input)
    {
        this.first = first;
        this.second = second;
        this.way = way;
        this.biases = biases;
        this.input = input;
        divisors = [.. Enumerable.Repeat(1f, first.Op.OutputChannels)];
        moved = new float[first.Op.OutputChannels];
    }

    private bool HasRelu6 => way.Exists(node => node.Op == "Relu6");

    /// <summary>The pair that begins with a layer; null, explained, when what follows cannot be scaled.</summary>
    public static EqualizedPair? After(Graph graph, LayerWeights first, IReadOnlyDictionary<string, LayerWeights> layers, ConstantValues constants, bool throughRelu6, TransformContext context)
    {
        var passed = new List<Node>();
        var summands = new Dictionary<Node, float[]>(ReferenceEqualityComparer.Instance);
        Node last = first.Node;
        while (true)
        {
            if (context.IsOutput(last) || graph.ConsumersOf(last) is not [{ Node: var reader, Input: var entry }] || reader.Inputs[entry].IsControl)
                return Declined(context, first, $"'{last.Name}' is an output or not read exactly once");
            if (layers.TryGetValue(reader.Name, out var second) && entry == second.Op.DataInput)
            {
                return second.Op.InputChannels == first.Op.OutputChannels
                    ? new(first, second, passed, summands, InputBounds(graph.Find(first.Node.Inputs[first.Op.DataInput].Node)))
                    : Declined(context, first, $"'{reader.Name}' has other channels");
            }
            if (BiasOf(reader, entry, first.Op, constants) is { } bias)
                summands[reader] = bias;
            else if (entry != 0 || (reader.Op == "Relu6" && !throughRelu6) || reader.Op is not ("Relu" or "Relu6" or "LeakyRelu" or "Identity" or "Pad" or "MaxPool" or "AvgPool" or "SpaceToBatchND" or "BatchToSpaceND"))
                return Declined(context, first, $"'{reader.Name}' ({reader.Op}) does not pass factors of channels through");
            passed.Add(reader);
            last = reader;
        }
    }

    /// <summary>Evens out both sides as they are now; true when something changed.</summary>
    public bool Balance()
    {
        float[] outputs = first.OutputRanges();
        float[] inputs = second.InputRanges();
        float[] factors = [.. outputs.Select((output, i) => Factor(Math.Max(output, BiasOf(i)), inputs[i]))];
        if (factors.All(factor => factor == 1) || (HasRelu6 && divisors.All(divisor => divisor == 1) && factors.Max() / factors.Min() <= CostlyDifference))
            return false;
        first.DivideOutputs(factors);
        second.MultiplyInputs(factors);
        for (int i = 0; i < factors.Length; i++)
            divisors[i] *= factors[i];
        return true;
    }

    /// <summary>Finds how much of each bias no input lets the activation cut, so that it can be added behind it.</summary>
    public void MoveBiases()
    {
        bool isCut = way.Exists(node => node.Op == "Relu") && !HasRelu6;
        if (!isCut || input is not { } bounds || biases.Count == 0 || !second.Op.IsUnpadded || way.Exists(node => node.Op is "Pad" or "SpaceToBatchND" or "LeakyRelu"))
            return;
        float[] least = first.Op.LeastSums(bounds.Min, bounds.Max);
        for (int i = 0; i < moved.Length; i++)
            moved[i] = Math.Max(0, (least[i] + biases.Values.Sum(bias => bias[i])) / divisors[i]);
    }

    /// <summary>Puts what lies between the layers into the graph.</summary>
    public void Write(InPlaceEdit edit, TransformContext context)
    {
        bool isMoved = moved.Any(bias => bias > 0);
        if (divisors.All(divisor => divisor == 1) && !isMoved)
            return;
        context.Count("pairs equalized");
        foreach (var (node, bias) in biases)
            WriteBias(edit, node, [.. bias.Select((value, i) => (value / divisors[i]) - (ReferenceEquals(node, biases.Keys.First()) ? moved[i] : 0))]);
        foreach (Node node in way.Where(node => node.Op == "Relu6"))
            Limit(edit, node);
        if (isMoved)
            AddBehind(edit, context);
    }

    /// <summary>The bias of a channel as it is now: a channel that is mostly bias must not grow until its range is all that the others' codes see.</summary>
    private float BiasOf(int channel) => biases.Values.Sum(bias => Math.Abs(bias[channel])) / divisors[channel];

    private static float Factor(float output, float input)
    {
        if (!(output > 0) || !(input > 0) || !float.IsFinite(output) || !float.IsFinite(input))
            return 1;
        double exponent = Math.Round((Math.Log2(output) - Math.Log2(input)) / 2);
        return (float)Math.ScaleB(1, (int)Math.Clamp(exponent, -MostExponent, MostExponent));
    }

    private static EqualizedPair? Declined(TransformContext context, LayerWeights first, string reason)
    {
        context.Explain(first.Node.Name, reason);
        return null;
    }

    private static (float Min, float Max)? InputBounds(Node? producer) => producer?.Op switch
    {
        "Relu6" => (0, 6),
        "Sigmoid" or "Softmax" => (0, 1),
        "Tanh" => (-1, 1),
        _ => null,
    };

    private static float[]? BiasOf(Node reader, int entry, WeightedOp op, ConstantValues constants)
    {
        bool isBias = reader.Op == "BiasAdd" && entry == 0;
        bool isSum = reader.Op is "Add" or "AddV2" && reader.DataInputs.Count() == 2;
        if ((!isBias && !isSum) || constants.FindFloat(reader.Inputs[1 - entry]) is not { } constant)
            return null;
        return (isBias ? ChannelVector.Plain(constant) : ChannelVector.Broadcast(constant)).Along(op.Layout, op.OutputChannels);
    }

    private void WriteBias(InPlaceEdit edit, Node node, float[] values)
    {
        int entry = node.Op == "BiasAdd" || way.Exists(other => other.Name == node.Inputs[0].Node) || first.Node.Name == node.Inputs[0].Node ? 1 : 0;
        TensorShape shape = node.Op == "BiasAdd" ? TensorShape.Of(values.Length) : first.Op.Layout.BroadcastShape(values.Length);
        edit.ReplaceConstant(node, entry, Tensor.Create<float>(DataType.Float, shape, values), "_equalized");
    }

    /// <summary>Relu6 cuts each channel at its own limit.</summary>
    private void Limit(InPlaceEdit edit, Node node)
    {
        float[] limits = [.. divisors.Select(divisor => 6 / divisor)];
        string limit = edit.FreeName(node.Name + "/limits");
        string relu = edit.FreeName(node.Name + "/Relu");
        edit.InsertBefore(node, Node.Constant(limit, Tensor.Create<float>(DataType.Float, first.Op.Layout.BroadcastShape(limits.Length), limits)));
        edit.InsertBefore(node, new Node(relu, "Relu", node.Inputs[0]).With("T", DataType.Float));
        edit.Change(node, _ => new Node(node.Name, "Minimum", [relu, limit, .. node.ControlInputs]).With("T", DataType.Float) with { Device = node.Device });
    }

    /// <summary>Adds what was moved to what the second layer makes of it.</summary>
    private void AddBehind(InPlaceEdit edit, TransformContext context)
    {
        Node node = second.Node;
        string products = edit.FreeName(node.Name + "/products");
        string offset = edit.FreeName(node.Name + "/offset");
        edit.Change(node, old => old with { Name = products });
        edit.InsertAfter(node, ChannelSummand.Constant(offset, second.Op.OutputsOf(second.Scaled(), moved), second.Op.Layout));
        edit.InsertAfter(node, ChannelSummand.Node(node.Name, products, offset, second.Op.Layout));
        context.Count("biases moved", moved.Count(bias => bias > 0));
    }
}
