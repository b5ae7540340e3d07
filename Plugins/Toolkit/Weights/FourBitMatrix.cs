using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Weights;

/// <summary>
/// A matrix that is stored in 4 bits, by groups of inputs with a scale each, and made real by the nodes that <c>quantize(bits=4)</c> writes:
/// <code>
/// [Slice](Reshape(Mul(Reshape(Sub(Cast(Pack(BitwiseAnd(packed, 15), RightShift(packed, 4), axis=3)), 8)), scales)))      [columns, inputs]
/// </code>
/// </summary>
/// <param name="Packed">uint8 [columns, groups, half a group]: two values a byte, the first in the lower half, 8 more than they are.</param>
/// <param name="Scales">float [columns, groups, 1].</param>
/// <param name="Columns">Number of columns.</param>
/// <param name="Inputs">Number of inputs.</param>
/// <param name="Group">Inputs that share a scale.</param>
public sealed record FourBitMatrix(Tensor Packed, Tensor Scales, int Columns, int Inputs, int Group)
{
    private const float Zero = 8;

    /// <summary>The matrix of 4 bits that a product of real numbers reads, transposed; null for another node.</summary>
    public static FourBitMatrix? OfProduct(Graph graph, Node node)
    {
        var (left, right) = node.Op switch { "MatMul" => ("transpose_a", "transpose_b"), "BatchMatMul" or "BatchMatMulV2" or "BatchMatMulV3" => ("adj_x", "adj_y"), _ => ("", "") };
        bool isTransposed = right.Length > 0 && node.Bool(right, false) && !node.Bool(left, false) && node.TypeAttribute("T") == DataType.Float;
        return isTransposed ? Find(graph, node.Inputs[1]) : null;
    }

    /// <summary>The matrix that a tensor is, or null when it is another one.</summary>
    public static FourBitMatrix? Find(Graph graph, NodeInput tensor)
    {
        Node? end = graph.Find(tensor.Node);
        Node? rows = end is { Op: "Slice" } ? Input(end, 0, "Reshape") : end is { Op: "Reshape" } ? end : null;
        Node? scaled = Input(rows, 0, "Mul");
        Node? centred = Input(Input(scaled, 0, "Reshape"), 0, "Sub");
        Node? values = Input(Input(centred, 0, "Cast"), 0, "Pack");
        Node? low = Input(values, 0, "BitwiseAnd"), high = Input(values, 1, "RightShift");
        if (low is null || high is null || low.Inputs[0].Canonical != high.Inputs[0].Canonical || values!.TryLong("axis", out long axis) is false || axis != 3)
            return null;
        bool isPlain = Constant(low, 1) is { Type: DataType.UInt8, ElementCount: 1 } half && half.AsSpan<byte>()[0] == 15
            && Constant(high, 1) is { Type: DataType.UInt8, ElementCount: 1 } bits && bits.AsSpan<byte>()[0] == 4
            && Constant(centred!, 1) is { Type: DataType.Float, ElementCount: 1 } zero && zero.AsSpan<float>()[0] == Zero;
        if (!isPlain || Constant(low, 0) is not { Type: DataType.UInt8, Shape.Rank: 3 } packed || Constant(scaled!, 1) is not { Type: DataType.Float, Shape.Rank: 3 } scales)
            return null;
        int columns = (int)packed.Shape[0], groups = (int)packed.Shape[1], group = 2 * (int)packed.Shape[2];
        int inputs = end!.Op == "Reshape" ? groups * group : Constant(end, 2) is { Type: DataType.Int32, ElementCount: 2 } size && size.AsSpan<int>()[0] == columns ? size.AsSpan<int>()[1] : 0;
        bool fits = Shape(rows!, columns, groups * group) && Shape(Input(scaled, 0, "Reshape")!, columns, groups, group) && scales.Shape.Equals(TensorShape.Of(columns, groups, 1))
            && inputs > (groups - 1) * group && inputs <= groups * group && (end.Op == "Reshape" || Constant(end, 1) is { Type: DataType.Int32 } begin && !begin.AsSpan<int>().ContainsAnyExcept(0));
        return fits ? new(packed, scales, columns, inputs, group) : null;

        Node? Input(Node? node, int input, string op) => node is not null && input < node.Inputs.Length && graph.Find(node.Inputs[input].Node) is { } found && found.Op == op ? found : null;

        Tensor? Constant(Node node, int input) => Input(node, input, "Const")?.TensorAttribute("value") is { IsDecodable: true } value ? value : null;

        bool Shape(Node reshape, params ReadOnlySpan<int> dimensions) => Constant(reshape, 1) is { Type: DataType.Int32 } shape && shape.AsSpan<int>().SequenceEqual(dimensions);
    }
}
