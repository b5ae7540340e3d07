namespace TransformFramework.Cpu.Plans;

/// <summary>The two float scalars in which a run keeps the range of a quantized tensor.</summary>
internal readonly record struct RangeBuffers(PlanBuffer Min, PlanBuffer Max);

/// <summary>The least 32-bit value of each column, then the greatest of each.</summary>
/// <param name="Buffer">2 · <paramref name="Columns"/> integers.</param>
/// <param name="Columns">Channels, or 1 for the whole tensor.</param>
internal sealed record AccumulatorRange(PlanBuffer Buffer, int Columns)
{
    public static AccumulatorRange Of(int columns) => new(new PlanBuffer(2L * columns * sizeof(int)), columns);

    /// <summary>The range of no quantized values.</summary>
    public unsafe void Clear(PlanRun run)
    {
        new Span<int>(run.Integers(Buffer), Columns).Fill(int.MaxValue);
        new Span<int>(run.Integers(Buffer) + Columns, Columns).Fill(int.MinValue);
    }

    /// <summary>The least and the greatest quantized value of all columns.</summary>
    public unsafe (int Least, int Greatest) Whole(PlanRun run)
    {
        int* accumulatorRange = run.Integers(Buffer);
        int least = int.MaxValue;
        int greatest = int.MinValue;
        for (int c = 0; c < Columns; c++)
        {
            least = Math.Min(least, accumulatorRange[c]);
            greatest = Math.Max(greatest, accumulatorRange[Columns + c]);
        }
        return (least, greatest);
    }
}
