using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>
/// Einsum of two operands as one product: the labels are put in the order batch, free, summed; each group becomes one dimension.
/// <code>
/// Einsum("abc,cde->abde", x, y)     →     Reshape(MatMul(Reshape(x, [ab, c]), Reshape(y, [c, de])), [a, b, d, e])
/// </code>
/// Shapes must be known, but for one dimension of an operand; an ellipsis stands for labels by the operands' ranks.
/// </summary>
internal static class Einsum
{
    public static Decline? Rewrite(DowngradeSite site)
    {
        if (site.Inputs.Length is not (1 or 2) || Equation.Parse(site.Node.String("equation"), [.. site.Inputs.Select(site.Shape)]) is not { } equation)
            return site.Decline("it has more than two operands, or one of an unknown rank");
        if (equation.Operands.Any(labels => labels.Distinct().Count() < labels.Length))
            return site.Decline("a label occurs twice in an operand");
        return site.Inputs.Length == 1 ? One(site, equation) : Two(site, equation);
    }

    private static Decline? One(DowngradeSite site, Equation equation)
    {
        string labels = equation.Operands[0];
        NodeInput x = site.Inputs[0];
        long[] summed = [.. labels.Select((label, axis) => (label, axis)).Where(entry => !equation.Result.Contains(entry.label)).Select(entry => (long)entry.axis)];
        if (summed.Length > 0)
            x = site.Sum(x, site.Ints(summed));
        string left = string.Concat(labels.Where(label => equation.Result.Contains(label)));
        return site.Replace(site.Transpose(x, Order(left, equation.Result)));
    }

    private static Decline? Two(DowngradeSite site, Equation equation)
    {
        var (x, y) = (site.Inputs[0], site.Inputs[1]);
        x = WithoutOwnSums(site, x, ref equation, 0);
        y = WithoutOwnSums(site, y, ref equation, 1);
        string left = equation.Operands[0];
        string right = equation.Operands[1];
        string result = equation.Result;
        string batch = string.Concat(result.Where(label => left.Contains(label) && right.Contains(label)));
        string summed = string.Concat(left.Where(label => right.Contains(label) && !result.Contains(label)));
        string rows = string.Concat(result.Where(label => left.Contains(label) && !right.Contains(label)));
        string columns = string.Concat(result.Where(label => right.Contains(label) && !left.Contains(label)));
        if (!equation.AreKnown(batch + summed) || equation.UnknownCount(rows) > (batch.Length == 0 ? 1 : 0) || equation.UnknownCount(columns) > (batch.Length == 0 && equation.UnknownCount(rows) == 0 ? 1 : 0))
            return site.Decline("the sizes of its labels are not known");
        DataType type = site.Type(x);
        long[] sizes = batch.Length == 0 ? [] : [equation.Size(batch)];
        NodeInput a = site.Reshape(site.Transpose(x, Order(left, batch + rows + summed)), [.. sizes, equation.Size(rows), equation.Size(summed)]);
        NodeInput b = site.Reshape(site.Transpose(y, Order(right, batch + summed + columns)), [.. sizes, equation.Size(summed), equation.Size(columns)]);
        NodeInput product = site.Add(batch.Length == 0 ? "MatMul" : "BatchMatMul", [a, b], ("T", type));
        NodeInput whole = site.Reshape(product, [.. (batch + rows + columns).Select(label => equation.Sizes[label])]);
        return site.Replace(site.Transpose(whole, Order(batch + rows + columns, result)));
    }

    /// <summary>Sums an operand over the labels that only it has and the result has not.</summary>
    private static NodeInput WithoutOwnSums(DowngradeSite site, NodeInput x, ref Equation equation, int operand)
    {
        string labels = equation.Operands[operand];
        string other = equation.Operands[1 - operand];
        string result = equation.Result;
        long[] own = [.. labels.Select((label, axis) => (label, axis)).Where(entry => !other.Contains(entry.label) && !result.Contains(entry.label)).Select(entry => (long)entry.axis)];
        if (own.Length == 0)
            return x;
        string kept = string.Concat(labels.Where(label => other.Contains(label) || result.Contains(label)));
        equation = equation with { Operands = operand == 0 ? [kept, other] : [other, kept] };
        return site.Sum(x, site.Ints(own));
    }

    private static long[] Order(string from, string to) => [.. to.Select(label => (long)from.IndexOf(label))];

    /// <summary>Labels of operands and result, with their sizes, -1 where unknown.</summary>
    private sealed record Equation(string[] Operands, string Result, Dictionary<char, long> Sizes)
    {
        private const char FirstOfEllipsis = '\u0100';

        public static Equation? Parse(string text, TensorShape[] shapes)
        {
            string[] sides = text.Replace(" ", "", StringComparison.Ordinal).Split("->");
            string[] operands = sides[0].Split(',');
            if (sides.Length != 2 || operands.Length != shapes.Length || shapes.Any(shape => shape.IsUnknownRank))
                return null;
            int most = operands.Select((labels, i) => labels.Contains("...", StringComparison.Ordinal) ? shapes[i].Rank - (labels.Length - 3) : 0).Append(0).Max();
            var sizes = new Dictionary<char, long>();
            for (int i = 0; i < operands.Length; i++)
            {
                int inEllipsis = shapes[i].Rank - (operands[i].Length - 3);
                operands[i] = operands[i].Replace("...", Ellipsis(most, inEllipsis), StringComparison.Ordinal);
                if (operands[i].Length != shapes[i].Rank)
                    return null;
                for (int axis = 0; axis < shapes[i].Rank; axis++)
                {
                    long size = shapes[i][axis];
                    if (sizes.TryGetValue(operands[i][axis], out long known) && known >= 0 && size >= 0 && known != size)
                        return null;
                    sizes[operands[i][axis]] = Math.Max(size, sizes.GetValueOrDefault(operands[i][axis], -1));
                }
            }
            string result = sides[1].Replace("...", Ellipsis(most, most), StringComparison.Ordinal);
            return result.All(sizes.ContainsKey) ? new(operands, result, sizes) : null;
        }

        public long Size(string labels) => labels.Any(label => Sizes[label] < 0) ? -1 : labels.Aggregate(1L, (product, label) => product * Sizes[label]);

        public bool AreKnown(string labels) => labels.All(label => Sizes[label] >= 0);

        public int UnknownCount(string labels) => labels.Count(label => Sizes[label] < 0);

        private static string Ellipsis(int most, int count) => string.Concat(Enumerable.Range(most - count, Math.Max(0, count)).Select(i => (char)(FirstOfEllipsis + i)));
    }
}
