using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>
/// Fifth pass of quantize_nodes: a result brought to 8 bits by its own range, then to float, to 32 bits and to 8 bits of a fixed range, is brought to the fixed range at once.
/// </summary>
internal static class RequantizeMerging
{
    private static readonly OpPattern Original = Adjacent("RequantizationRange");
    private static readonly OpPattern Widened = Adjacent("Maximum");

    private static OpPattern Adjacent(string upperEnd) => OpPattern.Of(
        "Requantize",
        OpPattern.Of(
            "QuantizeV2",
            OpPattern.Of("Dequantize", OpPattern.Of("Requantize", "*", "*", "*", "RequantizationRange", upperEnd), "Requantize", "Requantize"),
            "Const",
            "Const"),
        "QuantizeV2",
        "QuantizeV2",
        "Const",
        "Const");

    public static Graph Apply(Graph graph, TransformContext context) => PatternReplacement.Apply(graph, context.IsVerbatim ? Original : Widened, site =>
    {
        NodeMatch outer = site.Match;
        NodeMatch inner = outer.Inputs[0].Inputs[0].Inputs[0];
        Node producer = inner.Inputs[0].Node;
        Node min = outer.Inputs[3].Node;
        Node max = outer.Inputs[4].Node;
        context.Count("requantizations merged");
        Node merged = outer.Node with
        {
            Inputs = [EightBitNodes.Output(producer.Name, 0), EightBitNodes.Output(producer.Name, 1), EightBitNodes.Output(producer.Name, 2), min.Name, max.Name],
        };
        return [producer, min, max, merged];
    });
}
