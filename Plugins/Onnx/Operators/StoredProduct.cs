using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>
/// Weights that are a product of integers and units: <c>Mul(Cast(w: int8), units)</c>, as <c>quantize(target=portable)</c> writes them. They stay integers, behind a DequantizeLinear: runtimes round
/// weights of floats once more where data and results of a layer are quantized.
/// </summary>
internal static class StoredProduct
{
    /// <summary>The integers and their units, or null when a node is another product.</summary>
    public static QuantizedConstant? Find(NodeWriter node)
    {
        if (node.Op != "Mul" || node.Count != 2 || node.Graph.Context.IsOutput(NodeInput.Data(node.Node.Name)))
            return null;
        Graph graph = node.Graph.Graph;
        int side = graph.Find(node.Input(0).Node) is { Op: "Cast" } ? 0 : 1;
        if (graph.Find(node.Input(side).Node) is not { Op: "Cast" } cast || cast.TypeAttribute("SrcT") != DataType.Int8
            || graph.Find(cast.Inputs[0].Node)?.TensorAttribute("value") is not { Type: DataType.Int8, IsDecodable: true, Shape.Rank: >= 2 } values)
            return null;
        if (node.Constant(1 - side) is not { Type: DataType.Float, IsDecodable: true } units)
            return null;
        return Axis(values.Shape, units.Shape, IsOfDepthwise(graph, node.Node)) is { } axis ? new(values, units.AsSpan<float>().ToArray(), new long[units.ElementCount], axis) : null;
    }

    /// <summary>The axis along which units differ, -1 for one unit; null where they differ along several.</summary>
    private static int? Axis(TensorShape values, TensorShape units, bool isDepthwise)
    {
        if (units.ElementCount == 1)
            return units.Rank <= values.Rank ? -1 : null;
        if (isDepthwise && units.Rank == 2 && units[0] == values[2] && units[1] == values[3])
            return 3;
        int shift = values.Rank - units.Rank;
        int[] wide = [.. Enumerable.Range(0, units.Rank).Where(axis => units[axis] != 1)];
        return shift >= 0 && wide is [var only] && units[only] == values[shift + only] ? shift + only : null;
    }

    private static bool IsOfDepthwise(Graph graph, Node product) =>
        graph.ConsumersOf(product) is { Length: > 0 } consumers && consumers.All(consumer => consumer.Node.Op == "DepthwiseConv2dNative" && consumer.Node.Inputs[1].Node == product.Name);
}
