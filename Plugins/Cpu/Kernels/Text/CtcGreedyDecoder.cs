using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>
/// Reads sequences off scores [time, batch, classes]: the best class at each time, the first of equals, without blanks and, with <c>merge_repeated</c>, without repetitions that no blank parts. The
/// blank is the last class, or <c>blank_index</c>, counted from the end when negative. Results: the labels as a sparse tensor [batch, longest], and the negated sum of the best scores [batch, 1].
/// </summary>
[Kernel("CTCGreedyDecoder")]
internal sealed class CtcGreedyDecoder : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [TensorShape.Of(-1, 2), TensorShape.Of(-1), TensorShape.Of(2), TensorShape.Of(node.Shapes[0].Rank == 3 ? node.Shapes[0][1] : -1, 1)];

    public Tensor[] Compute(KernelCall call) => call.Inputs[0].Type switch
    {
        DataType.Float => Decode<float>(call),
        DataType.Double => Decode<double>(call),
        _ => throw Refuse.Type(call.Inputs[0].Type, "float and double"),
    };

    private static Tensor[] Decode<T>(KernelCall call)
        where T : unmanaged, INumber<T>
    {
        Tensor scores = call.Inputs[0];
        long[] lengths = Lengths(scores.Shape, call.Inputs[1]);
        int classes = (int)scores.Shape[2];
        long blank = Blank(call.Node, classes);
        bool merges = call.Node.Bool("merge_repeated");
        ReadOnlySpan<T> values = scores.AsSpan<T>();
        Tensor likelihoods = Tensor.Allocate<T>(scores.Type, TensorShape.Of(lengths.Length, 1), out var sums);
        var indices = new List<long>();
        var labels = new List<long>();
        int longest = 0;
        for (int sequence = 0; sequence < lengths.Length; sequence++)
        {
            int found = 0;
            int previous = -1;
            for (int time = 0; time < lengths[sequence]; time++)
            {
                ReadOnlySpan<T> row = values.Slice(((time * lengths.Length) + sequence) * classes, classes);
                int best = Best(row);
                sums[sequence] -= row[best];
                if (best != blank && !(merges && best == previous))
                {
                    indices.AddRange([sequence, found++]);
                    labels.Add(best);
                }
                previous = best;
            }
            longest = Math.Max(longest, found);
        }
        return
        [
            Integers.Write(DataType.Int64, TensorShape.Of(labels.Count, 2), indices.ToArray()),
            Integers.Write(DataType.Int64, TensorShape.Of(labels.Count), labels.ToArray()),
            Integers.Write(DataType.Int64, TensorShape.Of(2), [lengths.Length, longest]),
            likelihoods,
        ];
    }

    private static int Best<T>(ReadOnlySpan<T> row)
        where T : INumber<T>
    {
        int best = 0;
        for (int i = 1; i < row.Length; i++)
        {
            if (row[best] < row[i])
                best = i;
        }
        return best;
    }

    private static long[] Lengths(TensorShape scores, Tensor input)
    {
        if (scores.Rank != 3)
            throw Refuse.Invalid("inputs is not a 3-Tensor");
        if (input.Shape.Rank != 1)
            throw Refuse.Invalid("sequence_length is not a vector");
        if (input.Shape[0] != scores[1])
            throw Refuse.Invalid($"len(sequence_length) != batch_size. len(sequence_length): {input.Shape[0]} batch_size: {scores[1]}");
        long[] lengths = Integers.Read(input);
        int wrong = Array.FindIndex(lengths, length => length < 0 || length > scores[0]);
        return wrong < 0 ? lengths : throw Refuse.Invalid($"sequence_length({wrong}) is {lengths[wrong]}, not between 0 and the number of times, {scores[0]}");
    }

    private static long Blank(Node node, int classes)
    {
        long index = node.Attributes.ContainsKey("blank_index") ? node.Long("blank_index") : -1;
        return index >= -classes && index < classes
            ? index < 0 ? classes + index : index
            : throw Refuse.Invalid($"blank_index expected to be between {-classes} and {classes - 1} but was {index}");
    }
}
