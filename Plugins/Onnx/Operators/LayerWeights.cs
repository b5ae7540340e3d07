using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Weights of a recurrent layer. Those of DynamicQuantizeLSTM, quantized as [directions, inputs, 4 · hidden], are held as the real ones of an LSTM, [directions, 4 · hidden, inputs].</summary>
internal sealed class LayerWeights
{
    private const int Recurrent = 2;

    private readonly NodeReader node;
    private readonly Tensor?[] real = new Tensor?[Recurrent + 1];

    private LayerWeights(NodeReader node, string kind)
    {
        this.node = node;
        Kind = kind;
    }

    /// <summary>RNN, GRU or LSTM.</summary>
    public string Kind { get; }

    /// <summary>True when data and state are rounded before each product.</summary>
    public bool IsDynamic => real[1] is not null;

    /// <summary>Shape of the recurrent weights: [directions, gates · hidden, hidden].</summary>
    public TensorShape Recurrence => real[Recurrent]?.Shape ?? node.Info(Recurrent).Shape;

    /// <exception cref="ModelFiles.ModelFormatException">Quantized weights are computed, or their scales do not fit.</exception>
    public static LayerWeights Of(NodeReader node)
    {
        if (node.Op != "DynamicQuantizeLSTM")
            return new(node, node.Op);
        var weights = new LayerWeights(node, "LSTM");
        weights.real[1] = Dequantized(node, 1, scale: 8);
        weights.real[Recurrent] = Dequantized(node, Recurrent, scale: 10);
        return weights;
    }

    /// <summary>The elements of a constant input, or null.</summary>
    public Tensor? Constant(int input) => input < real.Length && real[input] is { } weights ? weights : node.Constant(input);

    /// <summary>What a product reads.</summary>
    public NodeInput Rounded(NodeReader at, NodeInput rows) => IsDynamic ? Quantization.RoundedDynamically(at, rows) : rows;

    /// <summary>Scales and zero points are one a direction, or one for each of its columns.</summary>
    private static Tensor Dequantized(NodeReader node, int input, int scale)
    {
        if (node.Constant(input) is not { IsDecodable: true, Type: DataType.Int8 or DataType.UInt8, Shape.Rank: 3 } stored || node.Constant(scale) is not { IsDecodable: true, Type: DataType.Float } scales)
            throw OnnxDiagnostics.Decline("weights that are no constants of 8 bits");
        var (directions, rows, columns) = (stored.Shape[0], stored.Shape[1], stored.Shape[2]);
        long[] zeros = node.Has(scale + 1) && node.Constant(scale + 1) is { IsDecodable: true } points ? Tensors.ToLongs(points) : new long[scales.ElementCount];
        if ((scales.ElementCount != directions && scales.ElementCount != directions * columns) || zeros.Length != scales.ElementCount)
            throw OnnxDiagnostics.Broken($"{scales.ElementCount} scales and {zeros.Length} zero points are given for weights of shape {stored.Shape}");
        long[] elements = Tensors.ToLongs(stored);
        ReadOnlySpan<float> factors = scales.AsSpan<float>();
        bool isByColumn = scales.ElementCount != directions;
        Tensor result = Tensor.Allocate<float>(DataType.Float, TensorShape.Of(directions, columns, rows), out Span<float> real);
        for (int i = 0; i < real.Length; i++)
        {
            long direction = i / (rows * columns);
            long column = i / rows % columns;
            int at = (int)(isByColumn ? (direction * columns) + column : direction);
            long element = elements[(direction * rows * columns) + (i % rows * columns) + column];
            real[i] = (element - zeros[at]) * factors[at];
        }
        return result;
    }
}
