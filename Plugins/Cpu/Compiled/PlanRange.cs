namespace TransformFramework.Cpu.Compiled;

/// <summary>The two float scalars in which a run keeps the range of a quantized tensor.</summary>
internal readonly record struct PlanRange(PlanBuffer Min, PlanBuffer Max);

/// <summary>The least 32-bit code of each column, then the greatest of each.</summary>
/// <param name="Buffer">2 · <paramref name="Columns"/> integers.</param>
/// <param name="Columns">Channels, or 1 for the whole tensor.</param>
internal sealed record CodeExtents(PlanBuffer Buffer, int Columns)
{
    public static CodeExtents Of(int columns) => new(new PlanBuffer(2L * columns * sizeof(int)), columns);

    /// <summary>The extent of no codes.</summary>
    public unsafe void Clear(PlanRun run)
    {
        new Span<int>(run.Integers(Buffer), Columns).Fill(int.MaxValue);
        new Span<int>(run.Integers(Buffer) + Columns, Columns).Fill(int.MinValue);
    }

    /// <summary>The least and the greatest code of all columns.</summary>
    public unsafe (int Least, int Greatest) Whole(PlanRun run)
    {
        int* extents = run.Integers(Buffer);
        int least = int.MaxValue;
        int greatest = int.MinValue;
        for (int c = 0; c < Columns; c++)
        {
            least = Math.Min(least, extents[c]);
            greatest = Math.Max(greatest, extents[Columns + c]);
        }
        return (least, greatest);
    }
}
