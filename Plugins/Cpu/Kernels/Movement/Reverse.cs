using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Turns dimensions round: ReverseV2 lists them, Reverse has a truth value for each.</summary>
[Kernel("Reverse", "ReverseV2")]
internal sealed class Reverse : IKernel
{
    private const int HighestRank = 8;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        bool[] turned = call.Node.Op == "Reverse" ? Flags(call.Inputs[1], input.Shape.Rank) : Listed(call.Inputs[1], input.Shape.Rank);
        if (input.Shape.Rank > HighestRank)
            throw Refuse.Unimplemented("reverse is not implemented for tensors of rank > 8.");
        int[] strides = Strided.RowMajor(input.Shape.Dimensions.AsSpan());
        int offset = 0;
        for (int i = 0; i < turned.Length; i++)
        {
            if (!turned[i])
                continue;
            offset += (int)(input.Shape[i] - 1) * strides[i];
            strides[i] = -strides[i];
        }
        return [Tensors.Take(input, new(offset, strides), input.Shape.Dimensions.AsSpan(), input.Shape)];
    }

    private static bool[] Flags(Tensor flags, int rank)
    {
        if (flags.Shape.Rank != 1)
            throw Refuse.Invalid($"'dims' must be 1-dimension, not {flags.Shape.Rank}");
        return flags.ElementCount == rank
            ? flags.AsSpan<bool>().ToArray()
            : throw Refuse.Invalid($"'dims' must have the same number of values as 'input' has dimensions. 'input' has {rank}'dims' has {flags.ElementCount} values");
    }

    private static bool[] Listed(Tensor axes, int rank)
    {
        if (axes.Shape.Rank != 1)
            throw Refuse.Invalid($"'axis' must be 1-dimension, not {axes.Shape.Rank}");
        bool[] turned = new bool[rank];
        long[] listed = Integers.Read(axes);
        for (int i = 0; i < listed.Length; i++)
        {
            long axis = listed[i] < 0 ? listed[i] + rank : listed[i];
            if (axis < 0 || axis >= rank)
                throw Refuse.Invalid($"'axis'[{i}] = {listed[i]} is out of valid range [0, {rank - 1}");
            if (turned[axis])
                throw Refuse.Invalid($"axis {axis} specified more than once.");
            turned[axis] = true;
        }
        return turned;
    }
}

/// <summary>Turns the beginning of each sequence round.</summary>
[Kernel("ReverseSequence")]
internal sealed class ReverseSequence : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        TensorShape shape = input.Shape;
        int batch = Axis(call.Node, "batch_dim", shape.Rank);
        int sequence = Axis(call.Node, "seq_dim", shape.Rank);
        if (batch == sequence)
            throw Refuse.Invalid($"batch_dim == seq_dim == {sequence}");
        long[] lengths = Lengths(call.Inputs[1], shape[batch], shape[sequence], sequence);
        TensorBuilder result = TensorBuilder.Of(input.Type, shape);
        if (shape.ElementCount > 0)
            result.Copy(input, 0, 0, (int)shape.ElementCount);
        int[] strides = Strided.RowMajor(shape.Dimensions.AsSpan());
        int[] turned = [.. strides];
        turned[sequence] = -turned[sequence];
        long[] block = [.. shape.Dimensions];
        block[batch] = 1;
        for (int i = 0; i < lengths.Length; i++)
        {
            block[sequence] = lengths[i];
            int start = i * strides[batch];
            result.Copy(input, new(start + (((int)lengths[i] - 1) * strides[sequence]), turned), new(start, strides), block);
        }
        return [result.Build()];
    }

    private static int Axis(Node node, string name, int rank)
    {
        int axis = node.Int(name);
        return axis >= 0 && axis < rank ? axis : throw Refuse.Invalid($"{name} must be >= 0 and < input rank ( {axis} vs. {rank})");
    }

    private static long[] Lengths(Tensor input, long batches, long longest, int axis)
    {
        if (input.Shape.Rank != 1)
            throw Refuse.Invalid($"seq_lens input must be 1-dim, not {input.Shape.Rank}");
        long[] lengths = Integers.Read(input);
        if (lengths.Length != batches)
            throw Refuse.Invalid($"len(seq_lens) != input.dims(batch_dim), ({lengths.Length} vs. {batches})");
        for (int i = 0; i < lengths.Length; i++)
        {
            if (lengths[i] < 0)
                throw Refuse.Invalid($"seq_lens({i}) < 0");
            if (lengths[i] > longest)
                throw Refuse.Invalid($"seq_lens({i}) > input.dims({axis})");
        }
        return lengths;
    }
}
