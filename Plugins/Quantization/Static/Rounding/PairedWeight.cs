namespace TransformFramework.Quantization.Static.Rounding;

/// <summary>The neighbour that a weight is multiplied together with, in steps; 0 where there is none.</summary>
/// <param name="Steps">Its value: rounded, or what it will be rounded from.</param>
/// <param name="IsRounded">Whether it is rounded already.</param>
internal readonly record struct PairedWeight(double Steps, bool IsRounded)
{
    /// <summary>The largest sum of two neighbours of one sign: 255 · 128 fits into 16 bits.</summary>
    private const int LargestPair = 128;

    /// <summary>The largest magnitude of a weight beside this one: what a rounded neighbour leaves; what is too much with one still to be rounded is shared by both.</summary>
    /// <param name="magnitude">The weight's magnitude before rounding.</param>
    /// <param name="sign">Its sign.</param>
    public double RoomBeside(double magnitude, double sign)
    {
        double same = Math.Max(0, Steps * sign);
        return IsRounded || same == 0 ? LargestPair - same : Math.Max(magnitude - (Math.Max(0, magnitude + same - LargestPair) / 2), LargestPair - same);
    }

    /// <summary>True for two rounded neighbours that may be multiplied together.</summary>
    public static bool Fit(int one, int other) => (long)one * other <= 0 || Math.Abs(one + other) <= LargestPair;
}
