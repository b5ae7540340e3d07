using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>
/// Puts what follows a convolution or a product with constant weights into them: a bias, and constant scales and offsets of the channels, as norms are.
/// <code>
/// Conv(x, w), then · s[c] + b[c]   →   Conv(x, w · s[c], b[c])
/// MatMul(x, w) + b                 →   Gemm(x, w, b)
/// </code>
/// Only where nothing else reads the sums. Numerical effect: one rounding of the weights.
/// </summary>
internal static class ConvolutionFusion
{
    /// <summary>Fuses an addition, subtraction or multiplication by constants, or a bias; true when it did.</summary>
    public static bool TryFuse(NodeWriter node)
    {
        if (node.Count != 2 || node.Op is not ("BiasAdd" or "BiasAddV1" or "Add" or "AddV2" or "Sub" or "Mul"))
            return false;
        int data = node.Constant(1) is not null ? 0 : node.Constant(0) is not null && node.Op != "Sub" ? 1 : -1;
        if (data < 0 || node.Constant(1 - data) is not { Type: DataType.Float, IsDecodable: true } constant || !IsAlone(node, data))
            return false;
        float[]? factors = node.Op == "Mul" ? Channels(node, data, constant) : null;
        float[]? offsets = node.Op == "Mul" ? null : Channels(node, data, constant);
        if (factors is null && offsets is null)
            return false;
        if (node.Op == "Sub")
            offsets = Array.ConvertAll(offsets!, value => -value);
        return Apply(node, data, factors, offsets);
    }

    /// <summary>Fuses scales and offsets of the channels; true when it did.</summary>
    public static bool TryFuse(NodeWriter node, float[] factors, float[] offsets) => IsAlone(node, 0) && Apply(node, 0, factors, offsets);

    /// <summary>True when only this node reads the sums, by whatever name, and they are no output. Nodes such as Identity give what they read under another name.</summary>
    private static bool IsAlone(NodeWriter node, int data)
    {
        Operand sums = node.Value(data).Operand;
        if (!node.Graph.Computes(sums))
            return false;
        for (NodeInput? name = node.Input(data); name is { } tensor; name = node.Graph.Alias(tensor))
        {
            if (node.Graph.Graph.ConsumersOf(tensor.Node).Length != 1 || node.Graph.Context.IsOutput(tensor))
                return false;
        }
        return true;
    }

    /// <summary>One value for each channel, or null when the constant is not of channels.</summary>
    private static float[]? Channels(NodeWriter node, int data, Tensor constant)
    {
        bool isFirst = node.Value(data).Native == Layout.Original && node.Text("data_format", "NHWC") == "NCHW";
        TensorShape shape = node.Info(data).Shape;
        if (shape.Rank < 2)
            return null;
        bool hasChannelsFirst = isFirst || IsConvolution(node, data) && node.Value(data).Native == Layout.Original;
        long channels = shape[hasChannelsFirst ? 1 : shape.Rank - 1];
        if (channels <= 0)
            return null;
        if (constant.ElementCount == 1)
            return [.. Enumerable.Repeat(constant.AsSpan<float>()[0], (int)channels)];
        bool isBias = node.Op is "BiasAdd" or "BiasAddV1";
        int place = isBias || !hasChannelsFirst ? constant.Shape.Rank - 1 : constant.Shape.Rank - shape.Rank + 1;
        bool fits = constant.ElementCount == channels && place >= 0 && constant.Shape[place] == channels && constant.Shape.Rank <= shape.Rank && (isBias || !isFirst);
        return fits ? constant.AsSpan<float>().ToArray() : null;
    }

    private static bool IsConvolution(NodeWriter node, int data) => node.Graph.Target.Nodes[node.Value(data).Operand.Producer].Op == "Conv";

    private static bool Apply(NodeWriter node, int data, float[]? factors, float[]? offsets)
    {
        WrittenValue value = node.Value(data);
        OnnxNode producer = node.Graph.Target.Nodes[value.Operand.Producer];
        return producer.Op switch
        {
            "Conv" => IntoConvolution(node, value, producer, factors, offsets),
            "MatMul" or "Gemm" => IntoProduct(node, value, producer, factors, offsets),
            _ => false,
        };
    }

    private static bool IntoConvolution(NodeWriter node, WrittenValue value, OnnxNode conv, float[]? factors, float[]? offsets)
    {
        Operand given = node.Graph.OperandOf(conv.Inputs[1]);
        Tensor? weights = given.Info.Constant is { Type: DataType.Float } constant ? constant : null;
        if ((factors is not null && weights is null) || given.Info.Type != DataType.Float || given.Info.Shape[0] != (factors ?? offsets)!.Length)
            return false;
        float[]? old = null;
        if (conv.Inputs.Count > 2)
        {
            old = node.Graph.Context.Constant(conv.Inputs[2])?.AsSpan<float>().ToArray();
            if (old is null)
                return false;
        }
        Operand filter = factors is null ? given : node.Const(ScaledRows(weights!, factors));
        float[] bias = old ?? new float[given.Info.Shape[0]];
        for (int i = 0; i < bias.Length; i++)
            bias[i] = (bias[i] * (factors?[i] ?? 1)) + (offsets?[i] ?? 0);
        bool hasBias = old is not null || offsets is not null;
        Operand?[] inputs = [node.Graph.OperandOf(conv.Inputs[0]), filter, hasBias ? node.Const(Tensor.Create<float>(DataType.Float, TensorShape.Of(bias.Length), bias)) : null];
        node.Set(node.Graph.Replace(value.Operand, node.Node.Name, conv, inputs), value.Native);
        return true;
    }

    private static Tensor ScaledRows(Tensor weights, float[] factors)
    {
        float[] values = weights.AsSpan<float>().ToArray();
        int length = values.Length / factors.Length;
        for (int i = 0; i < values.Length; i++)
            values[i] *= factors[i / length];
        return Tensor.Create<float>(DataType.Float, weights.Shape, values);
    }

    private static bool IntoProduct(NodeWriter node, WrittenValue value, OnnxNode product, float[]? factors, float[]? offsets)
    {
        bool isPlain = offsets is not null && factors is null && value.Operand.Info.Rank == 2 && product.Inputs.Count == 2 && offsets.Length == value.Operand.Info.Shape[1];
        if (!isPlain)
            return false;
        Operand bias = node.Const(Tensor.Create<float>(DataType.Float, TensorShape.Of(offsets!.Length), offsets));
        node.Set(node.Graph.Replace(value.Operand, node.Node.Name, product with { Op = "Gemm" }, [node.Graph.OperandOf(product.Inputs[0]), node.Graph.OperandOf(product.Inputs[1]), bias]), value.Native);
        return true;
    }
}
