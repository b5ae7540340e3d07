using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>Matrices and one of their diagonals, number k: 0 is the main one, above it k is positive.</summary>
internal static class Diagonals
{
    /// <summary>MatrixDiag, padded by |k|: left and below for k above 0, else above and right.</summary>
    public static Decline? Diag(DowngradeSite site)
    {
        if (One(site, site.Inputs[1]) is not { } k)
            return site.Decline("it writes a band of diagonals, or one that is not constant");
        if (site.Inputs.Skip(2).Take(2).Any(size => site.Integers(size) is not [-1]))
            return site.Decline("its numbers of rows or columns are given");
        if (!IsZero(site, site.Inputs[4]))
            return site.Decline("its padding value is not 0");
        NodeInput diagonal = site.Inputs[0];
        if (k != 0 && site.Shape(diagonal).IsUnknownRank)
            return site.Decline("the rank of its diagonals is not known");
        NodeInput matrix = site.Unary("MatrixDiag", diagonal);
        return site.Replace(k == 0 ? matrix : Padded(site, matrix, site.Shape(diagonal).Rank + 1, k));
    }

    /// <summary>MatrixDiagPart of the matrix from row or column |k| on.</summary>
    public static Decline? DiagPart(DowngradeSite site)
    {
        NodeInput matrix = site.Inputs[0];
        TensorShape shape = site.Shape(matrix);
        if (One(site, site.Inputs[1]) is not { } k)
            return site.Decline("it reads a band of diagonals, or one that is not constant");
        if (k != 0 && shape.IsUnknownRank)
            return site.Decline("the rank of its matrices is not known");
        if (k != 0)
        {
            long[] begin = new long[shape.Rank];
            begin[^(k > 0 ? 1 : 2)] = Math.Abs(k);
            matrix = site.Slice(matrix, begin, [.. Enumerable.Repeat(-1L, shape.Rank)]);
        }
        return site.Replace(site.Unary("MatrixDiagPart", matrix));
    }

    /// <summary>MatrixSetDiag of the main diagonal.</summary>
    public static Decline? SetDiag(DowngradeSite site)
    {
        if (One(site, site.Inputs[2]) is not 0)
            return site.Decline("only the main diagonal can be set");
        return site.Replace(site.Binary("MatrixSetDiag", site.Inputs[0], site.Inputs[1]));
    }

    private static NodeInput Padded(DowngradeSite site, NodeInput matrix, int rank, long k)
    {
        int[] paddings = new int[2 * rank];
        int by = checked((int)Math.Abs(k));
        paddings[(2 * (rank - 2)) + (k > 0 ? 1 : 0)] = by;
        paddings[(2 * (rank - 1)) + (k > 0 ? 0 : 1)] = by;
        NodeInput constant = site.Const(Tensor.Create<int>(DataType.Int32, TensorShape.Of(rank, 2), paddings));
        return site.Add("Pad", [matrix, constant], ("T", site.Type(matrix)), ("Tpaddings", DataType.Int32));
    }

    private static long? One(DowngradeSite site, NodeInput k) => site.Integers(k) switch
    {
        [var only] => only,
        [var lower, var upper] when lower == upper => lower,
        _ => null,
    };

    private static bool IsZero(DowngradeSite site, NodeInput value) =>
        site.Constant(value) is { } constant && (constant.Type == DataType.Bool || constant.Type.Size() > 0) && constant.Bytes.Span.IndexOfAnyExcept((byte)0) < 0;
}
