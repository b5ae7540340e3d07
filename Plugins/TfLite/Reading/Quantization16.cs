using TransformFramework.Graphs;

namespace TransformFramework.TfLite.Reading;

/// <summary>Nodes between int16 elements, whose zero point is 0, and real values.</summary>
internal static class Quantization16
{
    public static Value Dequantize(GraphDraft graph, Value stored, float scale) =>
        new(graph.Add("Mul", [new(graph.Add("Cast", [stored], ("DstT", DataType.Float))), graph.Constant(scale)]));

    public static Value Quantize(GraphDraft graph, Value real, float scale)
    {
        NodeDraft levels = graph.Add("Round", [new(graph.Add("RealDiv", [real, graph.Constant(scale)]))]);
        NodeDraft clipped = graph.Add("ClipByValue", [new(levels), graph.Constant((float)short.MinValue), graph.Constant((float)short.MaxValue)]);
        return new(graph.Add("Cast", [new(clipped)], ("DstT", DataType.Int16)));
    }
}
