namespace TransformFramework.Quantization.Static.Rounding;

/// <summary>Which values a weight may be rounded to, given those of its neighbours in the column.</summary>
/// <param name="Saturation">The rule.</param>
/// <param name="IsSigned">Whether the layer's data are signed.</param>
/// <param name="InputsOfPosition">Number of inputs after which runtimes count pairs anew.</param>
/// <param name="HasFourBits">Whether the values are those of 4 bits, from -8 to 7.</param>
internal readonly record struct AllowedWeights(Saturation Saturation, bool IsSigned, int InputsOfPosition, bool HasFourBits = false)
{
    /// <summary>The least value of 4 bits.</summary>
    public const int LeastOfFourBits = -8;

    /// <summary>The greatest value of 4 bits.</summary>
    public const int MostOfFourBits = 7;

    /// <summary>All values of 4 bits.</summary>
    public static AllowedWeights FourBits => new(Saturation.Allow, IsSigned: true, 1, HasFourBits: true);

    /// <summary>Distance of two allowed values.</summary>
    public int Step => Saturation == Saturation.SevenBits && IsSigned ? 2 : 1;

    /// <summary>The largest magnitude.</summary>
    public int Levels => Saturation == Saturation.SevenBits && !IsSigned ? QuantizedFilter.SevenBitLevels : QuantizedFilter.Levels;

    /// <summary>The allowed value nearest to a number of steps.</summary>
    public int Nearest(double steps) => HasFourBits ? (int)Math.Clamp(Math.Round(steps), LeastOfFourBits, MostOfFourBits) : Step * (int)Math.Clamp(Math.Round(steps / Step), -(Levels / Step), Levels / Step);

    /// <summary>The allowed value nearest to a number of steps, beside two neighbours.</summary>
    public int Nearest(double steps, PairedWeight above, PairedWeight below)
    {
        int nearest = Nearest(steps);
        if (Saturation != Saturation.AvoidPairs)
            return nearest;
        double sign = Math.Sign(steps);
        double most = Math.Min(above.RoomBeside(steps * sign, sign), below.RoomBeside(steps * sign, sign));
        return nearest * sign > most ? (int)(Math.Max(0, Math.Floor(most)) * sign) : nearest;
    }

    /// <summary>True for an allowed value, its neighbours left aside.</summary>
    public bool Holds(int value) => HasFourBits ? value is >= LeastOfFourBits and <= MostOfFourBits : Math.Abs(value) <= Levels;

    /// <summary>True for a row that is multiplied together with the one above it.</summary>
    public bool IsPairedWithAbove(int row) => Saturation == Saturation.AvoidPairs && row > 0 && (row % 2 == 1 || row % InputsOfPosition % 2 == 1);
}
