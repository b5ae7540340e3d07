using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Building;

/// <summary>Equations of <c>Einsum</c>.</summary>
internal static class EinsumEquation
{
    /// <summary>The output's shape.</summary>
    /// <exception cref="KerasException">The equation or the operands' shapes do not fit.</exception>
    public static TensorShape OutputShape(string equation, ImmutableArray<Symbol> inputs)
    {
        string[] sides = equation.Replace(" ", "", StringComparison.Ordinal).Split("->");
        string[] terms = sides[0].Split(',');
        if (sides.Length != 2 || terms.Length != inputs.Length)
            throw KerasException.Configuration($"the equation '{equation}' is not one of {inputs.Length} operands");
        var sizes = new Dictionary<char, long>();
        TensorShape ellipsis = TensorShape.Scalar;
        for (int i = 0; i < terms.Length; i++)
            ellipsis = Axes.Broadcast(ellipsis, Read(equation, terms[i], inputs[i], sizes));
        var dimensions = new List<long>();
        for (int i = 0; i < sides[1].Length; i++)
        {
            if (sides[1][i] == '.')
            {
                dimensions.AddRange(ellipsis.Dimensions);
                i += 2;
            }
            else
            {
                dimensions.Add(sizes.TryGetValue(sides[1][i], out long size) ? size : throw KerasException.Configuration($"the equation '{equation}' has an output axis that no operand has"));
            }
        }
        return TensorShape.Of([.. dimensions]);
    }

    private static TensorShape Read(string equation, string term, Symbol input, Dictionary<char, long> sizes)
    {
        int dots = term.IndexOf("...", StringComparison.Ordinal);
        int labels = dots < 0 ? term.Length : term.Length - 3;
        if (dots < 0 ? input.Rank != labels : input.Rank < labels)
            throw KerasException.Configuration($"the equation '{equation}' does not fit an operand of shape {input.Shape}");
        int free = input.Rank - labels;
        for (int i = 0, axis = 0; i < term.Length; i++, axis++)
        {
            if (i == dots)
            {
                i += 2;
                axis += free - 1;
                continue;
            }
            long size = input.Shape[axis];
            if (sizes.TryGetValue(term[i], out long known) && known >= 0 && size >= 0 && known != size)
                throw KerasException.Configuration($"axis '{term[i]}' of '{equation}' is {known} in one operand and {size} in another");
            if (!sizes.ContainsKey(term[i]) || size >= 0)
                sizes[term[i]] = size;
        }
        return dots < 0 ? TensorShape.Scalar : TensorShape.Of(input.Shape.Dimensions.AsSpan(dots, free).ToArray());
    }
}
