using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Puts zeros (PadV2: a given value) around the input.</summary>
[Kernel("Pad", "PadV2")]
internal sealed class Pad : IKernel
{
    private const int HighestRank = 6;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [Paddings.Infer(node, HighestRank)];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        var paddings = Paddings.Of(input.Shape, call.Inputs[1], HighestRank);
        TensorShape shape = paddings.Target(input.Shape);
        TensorBuilder result = TensorBuilder.Of(input.Type, shape);
        if (call.Inputs.Count > 2)
            result.Fill(Value(call.Inputs[2], input.Type));
        int[] strides = Strided.RowMajor(shape.Dimensions.AsSpan());
        int offset = 0;
        for (int i = 0; i < strides.Length; i++)
            offset += (int)paddings.Before[i] * strides[i];
        result.Copy(input, Strided.Whole(input.Shape), new(offset, strides), input.Shape.Dimensions.AsSpan());
        return [result.Build()];
    }

    private static Tensor Value(Tensor value, DataType type)
    {
        if (value.Shape.Rank != 0)
            throw Refuse.Invalid($"constant_values must be a scalar. Found: {value.Shape}");
        return value.Type == type ? value : throw Refuse.Invalid($"constant_values has type {value.Type.Name()}, the input {type.Name()}");
    }
}

/// <summary>How many elements go before and after each dimension.</summary>
internal readonly record struct Paddings(long[] Before, long[] After)
{
    public static Paddings Of(TensorShape input, Tensor counts, int highestRank)
    {
        if (input.Rank > highestRank)
            throw Refuse.Unimplemented($"inputs rank not in [0,{highestRank}]: {input.Rank}");
        if (counts.Shape.Rank != 2 || counts.Shape[1] != 2)
            throw Refuse.Invalid($"paddings must be a matrix with 2 columns: {counts.Shape}");
        if (counts.Shape[0] != input.Rank)
            throw Refuse.Invalid($"The first dimension of paddings must be the rank of inputs{counts.Shape} {input}");
        long[] pairs = Integers.Read(counts);
        var paddings = new Paddings(new long[pairs.Length / 2], new long[pairs.Length / 2]);
        for (int i = 0; i < pairs.Length; i += 2)
        {
            if (pairs[i] < 0 || pairs[i + 1] < 0)
                throw Refuse.Invalid($"Paddings must be non-negative: {pairs[i]} {pairs[i + 1]}");
            (paddings.Before[i / 2], paddings.After[i / 2]) = (pairs[i], pairs[i + 1]);
        }
        return paddings;
    }

    /// <summary>The padded shape: dimensions that are not known stay so; unknown where the paddings or the rank are.</summary>
    public static TensorShape Infer(ShapeInference node, int highestRank)
    {
        TensorShape input = node.Shapes[0];
        if (input.IsUnknownRank || node.Constants[1] is not { } counts)
            return TensorShape.Unknown;
        Paddings paddings = Of(input, counts, highestRank);
        return input.IsFullyKnown ? paddings.Target(input) : TensorShape.Of([.. input.Dimensions.Select((dimension, i) => dimension < 0 ? -1 : paddings.Padded(i, dimension))]);
    }

    public TensorShape Target(TensorShape input)
    {
        long[] padded = new long[input.Rank];
        for (int i = 0; i < padded.Length; i++)
            padded[i] = Padded(i, input[i]);
        return Tensors.ShapeOf(padded);
    }

    private long Padded(int axis, long dimension)
    {
        long room = long.MaxValue - dimension;
        bool fits = Before[axis] <= room && After[axis] <= room - Before[axis];
        return fits ? Before[axis] + dimension + After[axis] : throw Refuse.Invalid($"Dimension {(Int128)Before[axis] + dimension + After[axis]} is too large");
    }
}
