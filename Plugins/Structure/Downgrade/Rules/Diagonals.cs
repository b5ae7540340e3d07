using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>
/// Matrices and a band of their diagonals by MatrixDiag and MatrixDiagPart, which know the main one: diagonal k is the main one of the matrix from row -k, or from column k, on.
/// <code>
/// y = MatrixDiagV3(d, k)       →     y = Pad(MatrixDiag(d))      left and below for k above 0, else above and right; AddN of those of a band
/// y = MatrixDiagPartV3(x, k)   →     y = MatrixDiagPart(Slice(x))      Pack of those of a band, each padded to the longest
/// </code>
/// </summary>
internal static class Diagonals
{
    private const int MostDiagonals = 256;
    private const long MostElements = 1 << 22;

    public static Decline? Diag(DowngradeSite site)
    {
        NodeInput diagonals = site.Inputs[0];
        TensorShape shape = site.Shape(diagonals);
        if (Ends(site, site.Inputs[1]) is not var (lower, upper))
            return site.Decline("its diagonals are not constant");
        bool isPlain = lower == 0 && upper == 0 && site.Integers(site.Inputs[2]) is [-1] && site.Integers(site.Inputs[3]) is [-1] && IsZero(site, site.Inputs[4]);
        if (isPlain)
            return site.Replace(site.Unary("MatrixDiag", diagonals));
        if (shape.IsUnknownRank || shape.Rank < 1 || shape[shape.Rank - 1] < 0 || site.Integers(site.Inputs[2]) is not [var rows] || site.Integers(site.Inputs[3]) is not [var columns])
            return site.Decline("the shape of its diagonals, or of its matrices, is not known");
        (rows, columns) = DiagonalBand.SizeOf(shape[shape.Rank - 1], lower, upper, rows, columns);
        var band = new DiagonalBand(lower, upper, rows, columns, AlignmentOf(site.Node));
        if (Declined(site, band) is { } reason)
            return site.Decline(reason);
        NodeInput matrix = Placed(site, diagonals, shape, band);
        return site.Replace(IsZero(site, site.Inputs[4]) ? matrix : Around(site, matrix, band));
    }

    public static Decline? DiagPart(DowngradeSite site)
    {
        NodeInput matrix = site.Inputs[0];
        TensorShape shape = site.Shape(matrix);
        if (Ends(site, site.Inputs[1]) is not var (lower, upper))
            return site.Decline("its diagonals are not constant");
        if (lower == 0 && upper == 0)
            return site.Replace(site.Unary("MatrixDiagPart", matrix));
        if (shape.IsUnknownRank || shape.Rank < 2)
            return site.Decline("the rank of its matrices is not known");
        if (lower == upper)
            return site.Replace(site.Unary("MatrixDiagPart", From(site, matrix, shape.Rank, lower)));
        var band = new DiagonalBand(lower, upper, shape[shape.Rank - 2], shape[shape.Rank - 1], AlignmentOf(site.Node));
        if (Declined(site, band) is { } reason)
            return site.Decline(reason);
        DataType type = site.Type(matrix);
        NodeInput padding = site.Inputs[2];
        var parts = new List<NodeInput>();
        foreach (long k in band.Numbers)
        {
            NodeInput part = site.Unary("MatrixDiagPart", From(site, matrix, shape.Rank, k));
            long before = band.Start(k);
            long after = band.Longest - band.Length(k) - before;
            parts.Add(before + after == 0 ? part : site.Add("PadV2", [part, Pairs(site, shape.Rank - 1, (shape.Rank - 2, before, after)), padding], ("T", type), ("Tpaddings", DataType.Int32)));
        }
        return site.Replace(site.Add("Pack", [.. parts], ("N", parts.Count), ("T", type), ("axis", shape.Rank - 2)));
    }

    /// <summary>MatrixSetDiag of the main diagonal; of others a choice between the matrix and one that holds them.</summary>
    public static Decline? SetDiag(DowngradeSite site)
    {
        var (matrix, diagonals) = (site.Inputs[0], site.Inputs[1]);
        TensorShape shape = site.Shape(matrix);
        if (Ends(site, site.Inputs[2]) is not var (lower, upper))
            return site.Decline("its diagonals are not constant");
        if (lower == 0 && upper == 0)
            return site.Replace(site.Binary("MatrixSetDiag", matrix, diagonals));
        if (shape.IsUnknownRank || shape.Rank < 2)
            return site.Decline("the rank of its matrices is not known");
        var band = new DiagonalBand(lower, upper, shape[shape.Rank - 2], shape[shape.Rank - 1], AlignmentOf(site.Node));
        if (Declined(site, band) is { } reason)
            return site.Decline(reason);
        TensorShape packed = TensorShape.Of([.. shape.Dimensions.Take(shape.Rank - 2), .. lower == upper ? Array.Empty<long>() : [upper - lower + 1], band.Longest]);
        NodeInput set = Placed(site, diagonals, packed, band);
        NodeInput isSet = site.Broadcast(site.Const(Tensor.FromContent(DataType.Bool, TensorShape.Of(band.Rows, band.Columns), Mask(band))), site.ShapeOf(matrix));
        return site.Replace(site.Select(isSet, set, matrix));
    }

    /// <summary>Matrices that hold the diagonals, and zeros.</summary>
    private static NodeInput Placed(DowngradeSite site, NodeInput diagonals, TensorShape packed, DiagonalBand band)
    {
        bool isOne = band.Lower == band.Upper;
        int batch = packed.Rank - (isOne ? 1 : 2);
        var placed = new List<NodeInput>();
        foreach (long k in band.Numbers)
        {
            NodeInput diagonal = isOne ? diagonals : Row(site, diagonals, packed, band, k);
            (long above, long left) = (DiagonalBand.FirstRow(k), DiagonalBand.FirstColumn(k));
            (long below, long right) = (band.Rows - band.Length(k) - above, band.Columns - band.Length(k) - left);
            NodeInput square = site.Unary("MatrixDiag", diagonal);
            placed.Add(above + left + below + right == 0
                ? square
                : site.Add("Pad", [square, Pairs(site, batch + 2, (batch, above, below), (batch + 1, left, right))], ("T", site.Type(diagonals)), ("Tpaddings", DataType.Int32)));
        }
        return placed.Count == 1 ? placed[0] : site.Add("AddN", [.. placed], ("N", placed.Count), ("T", site.Type(diagonals)));
    }

    /// <summary>A diagonal of the packed form.</summary>
    private static NodeInput Row(DowngradeSite site, NodeInput diagonals, TensorShape packed, DiagonalBand band, long k)
    {
        long[] begin = new long[packed.Rank];
        long[] size = [.. Enumerable.Repeat(-1L, packed.Rank)];
        (begin[^2], size[^2]) = (band.Upper - k, 1);
        (begin[^1], size[^1]) = (band.Start(k), band.Length(k));
        return site.Add("Squeeze", [site.Slice(diagonals, begin, size)], ("T", site.Type(diagonals)), ("squeeze_dims", AttributeValue.Ints(packed.Rank - 2)));
    }

    /// <summary>The padding value added where no diagonal is.</summary>
    private static NodeInput Around(DowngradeSite site, NodeInput matrix, DiagonalBand band)
    {
        DataType type = site.Type(matrix);
        byte[] outside = [.. Mask(band).Select(isInside => (byte)(1 - isInside))];
        NodeInput mask = site.Cast(site.Const(Tensor.FromContent(DataType.Bool, TensorShape.Of(band.Rows, band.Columns), outside)), type);
        return site.Binary("Add", matrix, site.Binary("Mul", mask, site.Inputs[4]));
    }

    private static byte[] Mask(DiagonalBand band)
    {
        byte[] mask = new byte[band.Rows * band.Columns];
        for (long i = 0; i < mask.Length; i++)
            mask[i] = (i % band.Columns) - (i / band.Columns) is var k && k >= band.Lower && k <= band.Upper ? (byte)1 : (byte)0;
        return mask;
    }

    /// <summary>The matrix of which diagonal k is the main one.</summary>
    private static NodeInput From(DowngradeSite site, NodeInput matrix, int rank, long k)
    {
        if (k == 0)
            return matrix;
        long[] begin = new long[rank];
        begin[^(k > 0 ? 1 : 2)] = Math.Abs(k);
        return site.Slice(matrix, begin, [.. Enumerable.Repeat(-1L, rank)]);
    }

    private static NodeInput Pairs(DowngradeSite site, int rank, params ReadOnlySpan<(int Axis, long Before, long After)> paddings)
    {
        int[] pairs = new int[2 * rank];
        foreach (var (axis, before, after) in paddings)
            (pairs[2 * axis], pairs[(2 * axis) + 1]) = (checked((int)before), checked((int)after));
        return site.Const(Tensor.Create<int>(DataType.Int32, TensorShape.Of(rank, 2), pairs));
    }

    private static string? Declined(DowngradeSite site, DiagonalBand band) => band switch
    {
        { Rows: < 0 } or { Columns: < 0 } => "the size of its matrices is not known",
        { IsInside: false } => "a diagonal is not in the matrices",
        _ when band.Upper - band.Lower >= MostDiagonals || band.Rows > MostElements / Math.Max(1, band.Columns) => "its band is too large",
        _ when site.Type(site.Inputs[0]) is DataType.Bool or DataType.String => "its elements cannot be added",
        _ => null,
    };

    private static string AlignmentOf(Node node) => node.Op.EndsWith("V2", StringComparison.Ordinal) ? "LEFT_LEFT" : node.String("align", "RIGHT_LEFT");

    private static (long Lower, long Upper)? Ends(DowngradeSite site, NodeInput k) => site.Integers(k) switch
    {
        [var only] => (only, only),
        [var lower, var upper] => (lower, upper),
        _ => null,
    };

    private static bool IsZero(DowngradeSite site, NodeInput value) =>
        site.Constant(value) is { } constant && (constant.Type == DataType.Bool || constant.Type.Size() > 0) && constant.Bytes.Span.IndexOfAnyExcept((byte)0) < 0;
}
