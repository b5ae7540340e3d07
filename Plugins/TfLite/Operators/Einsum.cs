using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Einsum of two operands as one product, as TensorFlow's converter has it: labels are put in the order batch, free, summed, and each group becomes one dimension.
/// <code>
/// Einsum("abc,cde->abde", x, w)     →     RESHAPE(FULLY_CONNECTED(RESHAPE(x, [ab, c]), [de, c]), [a, b, d, e])        w constant, no batch
/// Einsum("bij,bjk->bik", x, y)      →     BATCH_MATMUL(x, y)
/// </code>
/// </summary>
[OperatorConverter(Nodes = ["Einsum"])]
internal sealed class Einsum : OperatorConverter
{
    /// <summary>Labels that an ellipsis stands for.</summary>
    private const string Unnamed = "ABCDEFGH";

    public override void Write(NodeWriter node)
    {
        string equation = node.Node.String("equation").Replace(" ", "", StringComparison.Ordinal);
        string[] sides = equation.Split("->");
        string[] operands = sides[0].Split(',');
        if (sides.Length != 2 || operands.Length != node.InputCount || operands.Length > 2)
            throw node.Decline("equations of more than two operands or without a result have no counterpart");
        int unnamed = 0;
        for (int i = 0; i < operands.Length; i++)
            operands[i] = Spelt(operands[i], node.In(i).Rank, ref unnamed, node);
        string result = sides[1].Replace("...", Unnamed[..unnamed], StringComparison.Ordinal);
        if (operands.Append(result).Any(labels => labels.Distinct().Count() < labels.Length))
            throw node.Decline("a label that occurs twice in an operand has no counterpart");
        if (result.Any(label => !operands.Any(labels => labels.Contains(label, StringComparison.Ordinal))))
            throw node.Decline("a label of the result is in no operand");
        node.Out(operands.Length == 1 ? Ordered(node, Summed(node, node.In(0), ref operands[0], result), operands[0], result) : Product(node, operands, result));
    }

    private static TensorDraft Product(NodeWriter node, string[] operands, string result)
    {
        TensorDraft x = Summed(node, node.In(0), ref operands[0], operands[1] + result);
        TensorDraft y = Summed(node, node.In(1), ref operands[1], operands[0] + result);
        string batch = string.Concat(operands[0].Where(label => operands[1].Contains(label, StringComparison.Ordinal) && result.Contains(label, StringComparison.Ordinal)));
        string summed = string.Concat(operands[0].Where(label => !result.Contains(label, StringComparison.Ordinal)));
        string left = string.Concat(operands[0].Where(label => !batch.Contains(label, StringComparison.Ordinal) && !summed.Contains(label, StringComparison.Ordinal)));
        string right = string.Concat(operands[1].Where(label => !batch.Contains(label, StringComparison.Ordinal) && !summed.Contains(label, StringComparison.Ordinal)));
        var sizes = new Dictionary<char, int>();
        foreach (var (labels, tensor) in operands.Zip([x, y]))
            Measure(node, labels, tensor, sizes);
        bool isLayer = batch.Length == 0 && y.Constant is not null && x.Type == Schema.TensorType.Float32;
        x = Grouped(node, Ordered(node, x, operands[0], batch + left + summed), sizes, batch, left, summed);
        y = Grouped(node, Ordered(node, y, operands[1], isLayer ? right + summed : batch + summed + right), sizes, batch, isLayer ? right : summed, isLayer ? summed : right);
        TensorDraft product = node.Emit(isLayer ? "FULLY_CONNECTED" : "BATCH_MATMUL", [x, y]);
        TensorDraft shaped = node.Emit("RESHAPE", [product, node.Int32Constant([.. (batch + left + right).Select(label => (long)sizes[label])])]);
        return Ordered(node, shaped, batch + left + right, result);
    }

    /// <summary>An operand's labels, an ellipsis replaced by letters.</summary>
    private static string Spelt(string labels, int rank, ref int unnamed, NodeWriter node)
    {
        const string ellipsis = "...";
        int count = labels.Contains(ellipsis, StringComparison.Ordinal) ? rank - (labels.Length - ellipsis.Length) : 0;
        if (count < 0 || count > Unnamed.Length || labels.Replace(ellipsis, "", StringComparison.Ordinal).Length + count != rank || (unnamed > 0 && count > 0 && count != unnamed))
            throw node.Decline("its equation does not fit the ranks of its inputs");
        unnamed = Math.Max(unnamed, count);
        return labels.Replace(ellipsis, Unnamed[..count], StringComparison.Ordinal);
    }

    /// <summary>A tensor summed over the labels that nothing else has.</summary>
    private static TensorDraft Summed(NodeWriter node, TensorDraft tensor, ref string labels, string others)
    {
        string own = string.Concat(labels.Where(label => !others.Contains(label, StringComparison.Ordinal)));
        if (own.Length == 0)
            return tensor;
        string all = labels;
        labels = string.Concat(labels.Where(label => !own.Contains(label, StringComparison.Ordinal)));
        return node.Emit("SUM", [tensor, node.Int32Constant([.. own.Select(label => (long)all.IndexOf(label, StringComparison.Ordinal))])], ("keep_dims", false));
    }

    private static TensorDraft Ordered(NodeWriter node, TensorDraft tensor, string labels, string wanted)
    {
        if (labels == wanted)
            return tensor;
        int[] order = [.. wanted.Select(label => labels.IndexOf(label, StringComparison.Ordinal))];
        return tensor.Constant is { } constant && tensor.Quantization is null
            ? node.Constant(TensorLayout.Transpose(constant, order))
            : node.Emit("TRANSPOSE", [tensor, node.Int32Constant([.. order.Select(axis => (long)axis)])]);
    }

    /// <summary>The size of each label; -1 for the one that is free.</summary>
    private static void Measure(NodeWriter node, string labels, TensorDraft tensor, Dictionary<char, int> sizes)
    {
        for (int axis = 0; axis < labels.Length; axis++)
        {
            int size = tensor.Shapes[0][axis] == tensor.Shapes[1][axis] ? tensor.Shapes[0][axis] : -1;
            if (sizes.TryGetValue(labels[axis], out int known) && known != size)
                throw node.Decline($"the label '{labels[axis]}' has the sizes {known} and {size}");
            sizes[labels[axis]] = size;
        }
        if (sizes.Values.Count(size => size < 0) > 1)
            throw node.Decline("more than one dimension is free");
    }

    /// <summary>A tensor with one dimension for each group of labels; none for an empty group of batches.</summary>
    private static TensorDraft Grouped(NodeWriter node, TensorDraft tensor, Dictionary<char, int> sizes, string batch, string rows, string columns)
    {
        string[] groups = batch.Length == 0 ? [rows, columns] : [batch, rows, columns];
        if (groups.All(group => group.Length == 1))
            return tensor;
        long[] shape = [.. groups.Select(group => group.Any(label => sizes[label] < 0) ? -1 : group.Aggregate(1L, (product, label) => product * sizes[label]))];
        return tensor.Constant is { } constant && tensor.Quantization is null ? node.Constant(TensorLayout.Reshape(constant, shape)) : node.Emit("RESHAPE", [tensor, node.Int32Constant(shape)]);
    }
}
