using System.Numerics;

namespace TransformFramework.Cpu.Kernels.Segments;

/// <summary>How the rows of a segment become one row.</summary>
internal enum SegmentFunction
{
    Sum,
    Mean,
    SqrtN,
    Prod,
    Min,
    Max,
}

/// <summary>The arithmetic of a <see cref="SegmentFunction"/>.</summary>
internal static class SegmentFunctions
{
    /// <summary>The function that ends an op's name.</summary>
    public static SegmentFunction Of(string op)
    {
        string name = op.Replace("WithNumSegments", "", StringComparison.Ordinal);
        return Enum.Parse<SegmentFunction>(name[(name.IndexOf("Segment", StringComparison.Ordinal) + "Segment".Length)..]);
    }

    public static T Add<T>(this SegmentFunction function, T gathered, T next)
        where T : INumber<T> => function switch
        {
            SegmentFunction.Prod => gathered * next,
            SegmentFunction.Min => T.Min(gathered, next),
            SegmentFunction.Max => T.Max(gathered, next),
            _ => gathered + next,
        };

    /// <summary>The result of a segment from what was gathered over its rows.</summary>
    public static T Finish<T>(this SegmentFunction function, T gathered, int rows)
        where T : INumber<T> => function switch
        {
            SegmentFunction.Mean => gathered / T.CreateTruncating(rows),
            SegmentFunction.SqrtN => gathered / T.CreateTruncating(Math.Sqrt(rows)),
            _ => gathered,
        };
}
