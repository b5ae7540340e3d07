namespace TransformFramework.Workflows.Evaluation;

/// <summary>What a share of counted cases says of the share of all: the interval of E. B. Wilson (1927), with 95 % confidence.</summary>
/// <param name="Low">The lower end, from 0 to 1.</param>
/// <param name="High">The upper end.</param>
public readonly record struct ShareInterval(double Low, double High)
{
    private const double Deviations = 1.96;

    /// <summary>The interval for a number of hits among cases.</summary>
    public static ShareInterval Of(long hits, long cases)
    {
        if (cases <= 0)
            return new(0, 1);
        double share = (double)hits / cases;
        double square = Deviations * Deviations / cases;
        double middle = share + (square / 2);
        double half = Math.Sqrt((share * (1 - share) * square) + (square * square / 4));
        return new(Math.Max(0, (middle - half) / (1 + square)), Math.Min(1, (middle + half) / (1 + square)));
    }
}
