using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Tuning;

/// <summary>A weighted op that could stay float, and what quantizing it alone costs.</summary>
/// <param name="Node">The op's name.</param>
/// <param name="Sqnr">Signal to noise of the graph's results when it alone is quantized, in dB.</param>
public sealed record LayerSensitivity(string Node, double Sqnr);

/// <summary>Finds the fewest layers to keep in float so that a measure stays within a limit.</summary>
/// <param name="ranked">Layers, the most sensitive first.</param>
/// <param name="measure">How much is lost when the first so many of them stay float.</param>
public sealed class LayerTuning(IReadOnlyList<LayerSensitivity> ranked, Func<int, double> measure)
{
    private readonly Dictionary<int, double> measured = [];

    /// <summary>What was lost with so many layers in float, by number.</summary>
    public IReadOnlyDictionary<int, double> Measured => measured;

    /// <summary>The number of layers to keep: doubled until the limit holds, then halved down; null when even all of them do not reach it.</summary>
    public int? Fewest(double limit)
    {
        int failing = -1;
        int holding = 0;
        while (Loss(holding) > limit)
        {
            if (holding == ranked.Count)
                return null;
            failing = holding;
            holding = Math.Min(ranked.Count, Math.Max(1, holding * 2));
        }
        while (holding - failing > 1)
        {
            int middle = (failing + holding) / 2;
            if (Loss(middle) > limit)
                failing = middle;
            else
                holding = middle;
        }
        return holding;
    }

    private double Loss(int kept)
    {
        if (!measured.TryGetValue(kept, out double loss))
            measured[kept] = loss = measure(kept);
        return loss;
    }
}
