using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>Names what spoils 8-bit values without being an error: constants that are not finite, ranges that a few outliers made.</summary>
internal static class CalibrationTraps
{
    /// <summary>A range so many times as wide as nearly all of the values leaves these less than 5 of 8 bits.</summary>
    private const float WidestRange = 8;

    /// <summary>Of fewer values none is an outlier.</summary>
    private const long FewestValues = 100;

    private const double NearlyAll = 99.99;

    /// <summary>Reports weights and biases that hold NaN or infinite elements.</summary>
    public static void ReportConstants(IEnumerable<Node> layers, Graph graph, ConstantValues constants, TransformContext context)
    {
        var read = layers.SelectMany(layer => layer.DataInputs.Concat(graph.ConsumersOf(layer).SelectMany(consumer => consumer.Node.DataInputs)));
        foreach (NodeInput input in read.DistinctBy(input => input.Canonical))
        {
            if (constants.FindFloat(input) is { } value && NotFinite(value) is > 0 and var count)
                context.Report(QuantizationDiagnostics.NotFiniteConstant.At(graph.Find(input.Node)!, count, value.ElementCount));
        }
    }

    /// <summary>Reports quantized tensors whose range is far wider than nearly all of their values.</summary>
    public static void ReportRanges(QuantizationPlan plan, Graph graph, ActivationRanges ranges, TransformContext context)
    {
        foreach (PlannedTensor planned in plan.Tensors)
        {
            if (ranges.Statistics(planned.Tensor) is not { } seen)
                continue;
            float usual = UsualEnd(seen);
            if (usual > 0 && planned.Range.End > WidestRange * usual)
                context.Report(QuantizationDiagnostics.OutlierRange.At(graph.Find(planned.Tensor.Node)!, planned.Range.End, usual));
        }
    }

    /// <summary>The largest magnitude of nearly all values, of which one at least is left out; 0 of few values.</summary>
    private static float UsualEnd(TensorStatistics seen)
    {
        long count = 0;
        foreach (long some in seen.Magnitudes.Counts)
            count += some;
        if (count < FewestValues)
            return 0;
        var (min, max) = new RangeChoice(RangeMethod.Percentile, Math.Min(NearlyAll, 100 - (150.0 / count))).Of(seen);
        return Math.Max(-min, max);
    }

    private static int NotFinite(Tensor value)
    {
        int count = 0;
        foreach (float element in value.AsSpan<float>())
            count += float.IsFinite(element) ? 0 : 1;
        return count;
    }
}
