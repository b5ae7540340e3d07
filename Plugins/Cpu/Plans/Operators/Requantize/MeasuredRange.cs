using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Requantize;

/// <summary>The nodes that find the range of a requantization in the run.</summary>
/// <param name="Measure">The RequantizationRange of the same quantized values.</param>
/// <param name="Floor">The Maximum of its upper end and a constant; null where the upper end is taken as it is.</param>
/// <param name="LeastMax">That constant.</param>
internal sealed record MeasuredRange(AnalyzedNode Measure, AnalyzedNode? Floor, float LeastMax)
{
    private const int Min = 3;
    private const int Max = 4;

    /// <summary>The measured range of a requantization, or null when its range comes from elsewhere.</summary>
    public static MeasuredRange? Of(PlanGraph graph, AnalyzedNode requantize)
    {
        ReadOnlySpan<TensorSource> inputs = graph.Inputs(requantize);
        AnalyzedNode measure = graph.Producer(inputs[Min]);
        bool isMeasured = measure.Node.Op == "RequantizationRange" && PlanGraph.IsOwn(measure) && inputs[Min] == new TensorSource(measure.Index, 0) && graph.Inputs(measure).SequenceEqual(inputs[..Min]);
        if (!isMeasured)
            return null;
        var upper = new TensorSource(measure.Index, 1);
        if (inputs[Max] == upper)
            return new(measure, null, float.NegativeInfinity);
        AnalyzedNode floor = graph.Producer(inputs[Max]);
        bool isFloor = floor.Node.Op == "Maximum" && PlanGraph.IsOwn(floor) && graph.Input(floor, 0) == upper && graph[graph.Input(floor, 1)].Constant is { Type: DataType.Float, Shape.Rank: 0 };
        return isFloor ? new(measure, floor, graph[graph.Input(floor, 1)].Constant!.AsSpan<float>()[0]) : null;
    }

    /// <summary>The range that the run takes of what it measures.</summary>
    public static QuantizationRange Apply(QuantizationRange used, float leastMax) => new(used.Min, MathF.Max(used.Max, leastMax));

    /// <summary>True when nothing but the requantization reads what is measured.</summary>
    public bool IsReadOnlyBy(PlanGraph graph, AnalyzedNode requantize) =>
        IsRead(graph.Readers(Measure, 0, 1), requantize, Floor ?? requantize) && (Floor is null || IsRead(graph.Readers(Floor, 0), requantize, requantize));

    private static bool IsRead(AnalyzedNode[]? readers, AnalyzedNode first, AnalyzedNode second) => readers is not null && Array.TrueForAll(readers, reader => reader == first || reader == second);
}
