using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>A template with each placeholder replaced by the summary of the next input.</summary>
[Kernel("StringFormat")]
internal sealed class StringFormat : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        string[] parts = call.Node.Text("template").Split(call.Node.Text("placeholder"));
        if (parts.Length - 1 != call.Inputs.Count)
            throw Refuse.Invalid($"num placeholders in template and num inputs must match: {parts.Length - 1} vs. {call.Inputs.Count}");
        int most = call.Node.Int("summarize");
        var text = new System.Text.StringBuilder(parts[0]);
        for (int i = 0; i < call.Inputs.Count; i++)
            text.Append(FormattedTensor.Of(call.Inputs[i], most)).Append(parts[i + 1]);
        return [Strings.Of(TensorShape.Scalar, [Strings.Bytes(text.ToString())])];
    }
}

/// <summary>A tensor as tf.print shows it: rows in brackets, of each dimension the first and the last elements.</summary>
internal static class FormattedTensor
{
    /// <param name="tensor">The tensor.</param>
    /// <param name="most">Elements at each end of a dimension; a negative number shows all.</param>
    public static string Of(Tensor tensor, int most)
    {
        var text = new System.Text.StringBuilder();
        Append(tensor, 0, 0, most, text);
        return text.ToString();
    }

    private static void Append(Tensor tensor, int axis, long first, int most, System.Text.StringBuilder text)
    {
        if (axis == tensor.Shape.Rank)
        {
            int element = checked((int)first);
            if (tensor.Type == DataType.String)
                text.Append('"').Append(TensorSummary.Escape(tensor.Strings[element].Span, keepsUtf8: true)).Append('"');
            else
                text.Append(TensorSummary.Element(tensor, element));
            return;
        }
        long length = tensor.Shape[axis];
        long run = 1;
        for (int i = axis + 1; i < tensor.Shape.Rank; i++)
            run *= tensor.Shape[i];
        bool isCut = most >= 0 && length > 2L * most;
        text.Append('[');
        for (long i = 0; i < length; i++)
        {
            if (isCut && i == most)
            {
                Separate(tensor.Shape.Rank, axis, i, text);
                text.Append("...");
                i = length - most - 1;
                continue;
            }
            Separate(tensor.Shape.Rank, axis, i, text);
            Append(tensor, axis + 1, first + (i * run), most, text);
        }
        text.Append(']');
    }

    /// <summary>A blank between elements; between rows as many line ends as there are dimensions within.</summary>
    private static void Separate(int rank, int axis, long i, System.Text.StringBuilder text)
    {
        if (i == 0)
            return;
        if (axis == rank - 1)
            text.Append(' ');
        else
            text.Append('\n', rank - axis - 1).Append(' ', axis + 1);
    }
}
