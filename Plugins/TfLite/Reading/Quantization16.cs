using TransformFramework.Graphs;

namespace TransformFramework.TfLite.Reading;

/// <summary>Nodes between int16 elements, whose zero point is 0, and real values.</summary>
internal static class Quantization16
{
    public static Value Dequantize(GraphDraft graph, Value stored, float scale) =>
        new(graph.Add("Mul", [new(graph.Add("Cast", [stored], ("DstT", DataType.Float))), graph.Constant(scale)]));

    /// <summary>The scale of weights that gives the factor from sums to results with 15 bits behind its leading one, as kernels with sums of 64 bits round it.</summary>
    /// <param name="scale">Scale of the weights.</param>
    /// <param name="from">Scale of the data.</param>
    /// <param name="to">Scale of the results.</param>
    public static float Reduced(float scale, double from, double to)
    {
        const double Largest = short.MaxValue;
        double factor = from * scale / to;
        if (!double.IsNormal(factor) || factor < 0)
            return scale;
        int exponent = Math.ILogB(factor) + 1;
        double fixedPoint = Math.Round(Math.ScaleB(factor, 31 - exponent), MidpointRounding.AwayFromZero);
        double reduced = Math.Min(Math.Floor((fixedPoint + (1 << 15)) / (1 << 16)), Largest);
        return (float)(Math.ScaleB(reduced, exponent - 15) * to / from);
    }

    public static Value Quantize(GraphDraft graph, Value real, float scale)
    {
        NodeDraft levels = graph.Add("Round", [new(graph.Add("RealDiv", [real, graph.Constant(scale)]))]);
        NodeDraft clipped = graph.Add("ClipByValue", [new(levels), graph.Constant((float)short.MinValue), graph.Constant((float)short.MaxValue)]);
        return new(graph.Add("Cast", [new(clipped)], ("DstT", DataType.Int16)));
    }
}
