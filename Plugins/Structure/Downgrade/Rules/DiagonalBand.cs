using TransformFramework.Graphs;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>Diagonals of matrices of a size: number k of each, where it begins, and where it lies in a row of the packed form, which has the highest diagonal first.</summary>
/// <param name="Lower">The lowest diagonal.</param>
/// <param name="Upper">The highest diagonal.</param>
/// <param name="Rows">Rows of the matrices.</param>
/// <param name="Columns">Columns of the matrices.</param>
/// <param name="Alignment">Sides of diagonals above and below the main one, such as RIGHT_LEFT; the ops of version 2 have LEFT_LEFT.</param>
internal sealed record DiagonalBand(long Lower, long Upper, long Rows, long Columns, string Alignment)
{
    /// <summary>Numbers of the diagonals in the order of the packed form.</summary>
    public IEnumerable<long> Numbers
    {
        get
        {
            for (long k = Upper; k >= Lower; k--)
                yield return k;
        }
    }

    /// <summary>Length of the longest diagonal, which is that of the packed form.</summary>
    public long Longest => Numbers.Max(Length);

    /// <summary>True when every diagonal lies in the matrices.</summary>
    public bool IsInside => Lower <= Upper && Lower > -Rows && Upper < Columns;

    /// <summary>Number of elements of a diagonal.</summary>
    public long Length(long k) => Math.Min(Rows - FirstRow(k), Columns - FirstColumn(k));

    public static long FirstRow(long k) => Math.Max(0, -k);

    public static long FirstColumn(long k) => Math.Max(0, k);

    /// <summary>Where a diagonal begins in its row of the packed form.</summary>
    public long Start(long k)
    {
        string[] sides = Alignment.Split('_');
        bool isLeft = (k >= 0 && sides[0] == "LEFT") || (k <= 0 && sides[^1] == "LEFT");
        return isLeft ? 0 : Longest - Length(k);
    }

    /// <summary>The size of matrices that a packed band makes where their numbers of rows and columns are -1 or given.</summary>
    public static (long Rows, long Columns) SizeOf(long longest, long lower, long upper, long rows, long columns)
    {
        long leastRows = longest - Math.Min(upper, 0);
        long leastColumns = longest + Math.Max(lower, 0);
        if (rows < 0 && columns < 0)
            rows = columns = Math.Max(leastRows, leastColumns);
        return (rows < 0 ? leastRows : rows, columns < 0 ? leastColumns : columns);
    }
}
