using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.MatrixProduct;

/// <summary>Einstein's sum of one or two tensors: labels that the result lacks are summed over; a repeated label takes the diagonal; <c>...</c> broadcasts.</summary>
[Kernel("Einsum")]
internal sealed class Einsum : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [node.Shapes.All(shape => shape.IsFullyKnown) ? EinsumEquation.Parse(node.Node.Text("equation"), node.Shapes).Result : TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        var equation = EinsumEquation.Parse(call.Node.Text("equation"), [.. call.Inputs.Select(input => input.Shape)]);
        double[][] inputs = [.. call.Inputs.Select(RealValues.ToDoubles)];
        double[] result = new double[checked((int)equation.Result.ElementCount)];
        long[] index = new long[equation.Sizes.Length];
        do
        {
            double product = 1;
            for (int i = 0; i < inputs.Length; i++)
                product *= inputs[i][Place(index, equation.InputStrides[i])];
            result[Place(index, equation.ResultStrides)] += product;
        }
        while (Next(index, equation.Sizes));
        return [RealValues.FromDoubles(call.Inputs[0].Type, equation.Result, result)];
    }

    private static long Place(long[] index, long[] strides)
    {
        long place = 0;
        for (int i = 0; i < index.Length; i++)
            place += index[i] * strides[i];
        return place;
    }

    private static bool Next(long[] index, long[] sizes)
    {
        for (int i = index.Length - 1; i >= 0; i--)
        {
            if (++index[i] < sizes[i])
                return true;
            index[i] = 0;
        }
        return false;
    }
}

/// <summary>An equation resolved against shapes: every label with its size, and each tensor's stride along each label.</summary>
internal sealed record EinsumEquation(TensorShape Result, long[] Sizes, long[][] InputStrides, long[] ResultStrides)
{
    public static EinsumEquation Parse(string text, IReadOnlyList<TensorShape> shapes)
    {
        string[] sides = text.Replace(" ", "", StringComparison.Ordinal).Split("->");
        if (sides.Length != 2)
            throw Refuse.Invalid($"Expecting exactly one '->' in einsum equation: {text}");
        string[] terms = sides[0].Split(',');
        if (terms.Length != shapes.Count || terms.Length > 2)
            throw Refuse.Invalid($"Expected {shapes.Count} inputs in equation {text} but got: {terms.Length}");
        int dots = Enumerable.Range(0, terms.Length).Max(i => Broadcasts(terms[i], shapes[i]));
        var sizes = new Dictionary<char, long>();
        string[] labels = [.. terms.Select((term, i) => Expand(term, Broadcasts(term, shapes[i])))];
        for (int i = 0; i < labels.Length; i++)
            CollectSizes(labels[i], shapes[i], sizes);
        string result = Expand(sides[1], sides[1].Contains("...", StringComparison.Ordinal) ? dots : 0);
        if (result.FirstOrDefault(label => !sizes.ContainsKey(label)) is var missing && missing != default)
            throw Refuse.Invalid($"Output subscripts contain the label {missing} not present in the input subscripts.");
        char[] order = [.. result, .. sizes.Keys.Where(label => !result.Contains(label, StringComparison.Ordinal)).Order()];
        TensorShape shape = TensorShape.Of(result.Select(label => sizes[label]).ToArray());
        if (sizes.ContainsValue(0))
            return new(shape, [], [.. shapes.Select(_ => Array.Empty<long>())], []);
        return new(shape, [.. order.Select(label => sizes[label])], [.. labels.Select((term, i) => Strides(order, term, shapes[i]))], Strides(order, result, shape));
    }

    private static int Broadcasts(string term, TensorShape shape) =>
        term.Contains("...", StringComparison.Ordinal) ? shape.Rank - (term.Length - 3) : term.Length == shape.Rank ? 0 : throw Refuse.Invalid($"Expected input to have rank {term.Length} but got: {shape.Rank}");

    /// <summary>Gives the dimensions that an ellipsis represents labels of their own, aligned at the right.</summary>
    private static string Expand(string term, int dots) =>
        term.Replace("...", string.Concat(Enumerable.Range(0, dots).Select(i => (char)('\u0100' + dots - 1 - i))), StringComparison.Ordinal);

    private static void CollectSizes(string labels, TensorShape shape, Dictionary<char, long> sizes)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            long known = sizes.GetValueOrDefault(labels[i], 1);
            bool isDot = labels[i] >= '\u0100';
            if (known != shape[i] && sizes.ContainsKey(labels[i]) && !(isDot && (known == 1 || shape[i] == 1)))
                throw Refuse.Invalid($"Expected dimension {known} at axis {i} of the input shaped {shape} but got dimension {shape[i]}");
            sizes[labels[i]] = isDot && shape[i] == 1 ? known : shape[i];
        }
    }

    private static long[] Strides(char[] order, string labels, TensorShape shape)
    {
        long[] strides = new long[order.Length];
        long stride = 1;
        for (int i = labels.Length - 1; i >= 0; i--)
        {
            if (shape[i] != 1)
                strides[Array.IndexOf(order, labels[i])] += stride;
            stride *= shape[i];
        }
        return strides;
    }
}
