using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.LinearAlgebra;

/// <summary>
/// Neighbouring diagonals of matrices, the highest first, as rows of the longest one's length. Diagonal d begins at column d, or at row -d below the main diagonal. Shorter ones are at the left or the
/// right end of their row, as the attribute <c>align</c> says: first for diagonals above the main one, then for those below; ops without it (V2) have all at the left.
/// </summary>
internal readonly record struct DiagonalBand(int Rows, int Columns, int Lowest, int Highest, bool IsLeftAbove, bool IsLeftBelow)
{
    /// <summary>Number of diagonals.</summary>
    public int Count => Highest - Lowest + 1;

    /// <summary>Length of the longest diagonal.</summary>
    public int Longest => Math.Min(Rows + Math.Min(Highest, 0), Columns - Math.Max(Lowest, 0));

    /// <summary>The band of matrices that a node's input k (one number, or the lowest and the highest) says.</summary>
    public static DiagonalBand Of(Node node, Tensor k, long rows, long columns)
    {
        long[] ends = Integers.Read(k);
        if (ends.Length is 0 or > 2)
            throw Refuse.Invalid($"diag_index must be a scalar or vector of one or two elements, received shape: {k.Shape}");
        if (ends[0] > ends[^1])
            throw Refuse.Invalid($"lower_diag_index must not be larger than upper_diag_index: {ends[0]} > {ends[^1]}");
        foreach (long end in ends)
        {
            if (end != 0 && (end <= -rows || end >= columns))
                throw Refuse.Invalid($"diag_index is out of bound: {end}. It must be between {-rows} and {columns}");
        }
        string align = node.Attributes.ContainsKey("align") ? node.Choice("align", "LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT") : "LEFT_LEFT";
        return new((int)rows, (int)columns, (int)ends[0], (int)ends[^1], align.StartsWith("LEFT", StringComparison.Ordinal), align.EndsWith("LEFT", StringComparison.Ordinal));
    }

    /// <summary>Shape of the diagonals of matrices with these dimensions before their last two; a single diagonal has no dimension of its own.</summary>
    public TensorShape ShapeWith(ReadOnlySpan<long> batch) => Count == 1 ? TensorShape.Of([.. batch, Longest]) : TensorShape.Of([.. batch, Count, Longest]);

    /// <summary>Puts the diagonals of all matrices in their places.</summary>
    public void Put(Tensor diagonals, TensorBuilder matrices)
    {
        int band = Count * Longest;
        for (int i = 0; i < diagonals.ElementCount / Math.Max(band, 1); i++)
        {
            foreach (var (diagonal, place) in Elements())
                matrices.Copy(diagonals, (i * band) + diagonal, (i * Rows * Columns) + place, 1);
        }
    }

    /// <summary>Pairs of elements: in the diagonals, and in the matrix, each counted from its start.</summary>
    public IEnumerable<(int Diagonal, int Matrix)> Elements()
    {
        for (int row = 0; row < Count; row++)
        {
            int diagonal = Highest - row;
            int length = Math.Min(Rows + Math.Min(diagonal, 0), Columns - Math.Max(diagonal, 0));
            bool isLeft = (diagonal >= 0 && IsLeftAbove) || (diagonal <= 0 && IsLeftBelow);
            int start = (row * Longest) + (isLeft ? 0 : Longest - length);
            for (int i = 0; i < length; i++)
                yield return (start + i, ((i + Math.Max(-diagonal, 0)) * Columns) + i + Math.Max(diagonal, 0));
        }
    }
}
