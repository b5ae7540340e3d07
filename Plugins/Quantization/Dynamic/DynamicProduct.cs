using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Quantization.Dynamic;

/// <summary>A product of float data and a constant matrix: MatMul, BatchMatMul and Einsum whose data's last dimensions are summed over.</summary>
/// <param name="Node">The node; its first input is the data, its second the weights.</param>
/// <param name="Weights">[inner, columns].</param>
/// <param name="Summed">How many of the data's last dimensions are summed over.</param>
/// <param name="Columns">The dimensions that the result has in their place.</param>
internal sealed record DynamicProduct(Node Node, Tensor Weights, int Summed, TensorShape Columns)
{
    /// <summary>True where data and result are matrices.</summary>
    public bool IsMatrix => Node.Op == "MatMul";

    /// <summary>What products whose <see cref="Weights"/> are the same matrix have in common.</summary>
    public (string Weights, bool IsTransposed, int Summed) WeightsKey => (Node.Inputs[WeightedLayer.WeightsInput].Canonical, IsTransposed(Node), Summed);

    /// <summary>True for ops that may be such a product.</summary>
    public static bool IsOne(Node node) => node.Op is "MatMul" or "BatchMatMul" or "BatchMatMulV2" or "BatchMatMulV3" or "Einsum" && node.DataInputs.Count() == 2;

    /// <summary>The product of a node; null with the reason when it is none.</summary>
    /// <param name="node">The node.</param>
    /// <param name="constantOf">The value of a tensor that is the same in every run, or null.</param>
    /// <param name="reason">Why it is none.</param>
    public static DynamicProduct? Of(Node node, Func<NodeInput, Tensor?> constantOf, out string? reason)
    {
        Tensor? weights = constantOf(node.Inputs[WeightedLayer.WeightsInput]);
        reason = weights is null ? $"the weights of '{node.Name}' are not constant"
            : weights.Type != DataType.Float || weights.ElementCount == 0 ? $"the weights of '{node.Name}' are {weights}, not float"
            : weights.AsSpan<float>().ContainsAnyExceptInRange(float.MinValue, float.MaxValue) ? "its weights hold NaN or infinite elements"
            : null;
        if (reason is not null)
            return null;
        DynamicProduct? product = node.Op == "Einsum" ? OfEinsum(node, weights!) : OfMatMul(node, weights!);
        reason = product is null ? "it does not sum over the last dimensions of its data and the first of a matrix" : null;
        return product;
    }

    private static DynamicProduct? OfMatMul(Node node, Tensor weights)
    {
        if (weights.Shape.Rank != 2 || node.Bool("transpose_a", false) || node.Bool("adj_x", false))
            return null;
        Tensor matrix = IsTransposed(node) ? Turned(weights) : weights;
        return new(node, matrix, 1, TensorShape.Of(matrix.Shape[1]));
    }

    /// <summary>An equation such as abc,cde-&gt;abde: what is summed over ends the data's labels and begins those of the weights, in one order, and the rest keeps its order.</summary>
    private static DynamicProduct? OfEinsum(Node node, Tensor weights)
    {
        if (node.String("equation", "").Replace(" ", "", StringComparison.Ordinal).Split("->") is not [var terms, var result] || terms.Split(',') is not [var data, var filter] || filter.Length != weights.Shape.Rank)
            return null;
        string summed = string.Concat(filter.TakeWhile(label => data.Contains(label, StringComparison.Ordinal) && !result.Contains(label, StringComparison.Ordinal)));
        bool fits = summed.Length > 0 && summed.Length < filter.Length && data.EndsWith(summed, StringComparison.Ordinal) && result == data[..^summed.Length] + filter[summed.Length..]
            && (data + filter[summed.Length..]).All(char.IsAsciiLetter) && (data + filter[summed.Length..]).Distinct().Count() == data.Length + filter.Length - summed.Length;
        if (!fits)
            return null;
        TensorShape columns = TensorShape.Of([.. weights.Shape.Dimensions.Skip(summed.Length)]);
        long count = columns.Dimensions.Aggregate(1L, (product, dimension) => product * dimension);
        return new(node, Tensor.FromContent(DataType.Float, TensorShape.Of(weights.ElementCount / count, count), weights.Bytes), summed.Length, columns);
    }

    private static bool IsTransposed(Node node) => node.Bool("transpose_b", false) || node.Bool("adj_y", false);

    private static Tensor Turned(Tensor matrix)
    {
        Tensor turned = Tensor.Allocate<float>(DataType.Float, TensorShape.Of(matrix.Shape[1], matrix.Shape[0]), out var elements);
        ReadOnlySpan<float> values = matrix.AsSpan<float>();
        int columns = (int)matrix.Shape[1];
        for (int i = 0; i < values.Length; i++)
            elements[(i % columns * (int)matrix.Shape[0]) + (i / columns)] = values[i];
        return turned;
    }
}
