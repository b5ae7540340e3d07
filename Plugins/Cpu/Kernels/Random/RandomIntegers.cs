using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Random;

/// <summary>Integers from minval up to, but without, maxval; with a seed the values are TensorFlow's.</summary>
[Kernel("RandomUniformInt")]
internal sealed class RandomUniformInt : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Constants[0] is { } shape ? Tensors.ShapeOf(Integers.Read(shape)) : TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        TensorShape shape = Tensors.ShapeOf(Integers.Read(call.Inputs[0]));
        long low = Integers.Scalar(call.Inputs[1], "minval");
        long high = Integers.Scalar(call.Inputs[2], "maxval");
        if (low >= high)
            throw Refuse.Invalid($"Need minval < maxval, got {low} >= {high}");
        Philox random = Philox.Of(call.Node);
        bool isWide = call.Inputs[1].Type == DataType.Int64;
        ulong range = unchecked((ulong)(high - low));
        long[] values = new long[checked((int)shape.ElementCount)];
        for (int i = 0; i < values.Length; i++)
            values[i] = unchecked(low + (long)((isWide ? random.Next64() : random.Next()) % range));
        return [Integers.Write(call.Inputs[1].Type, shape, values)];
    }
}

/// <summary>The slices of the first dimension in random order; with a seed the order is TensorFlow's.</summary>
[Kernel("RandomShuffle")]
internal sealed class RandomShuffle : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        if (input.Shape.Rank == 0 || input.ElementCount < 2)
            return [input];
        Philox random = Philox.Of(call.Node);
        int[] order = [.. Enumerable.Range(0, (int)input.Shape[0])];
        for (int i = 0; i < order.Length - 1; i++)
        {
            int other = i + (int)(random.Next() % (uint)(order.Length - i));
            (order[i], order[other]) = (order[other], order[i]);
        }
        int run = (int)(input.ElementCount / order.Length);
        TensorBuilder result = TensorBuilder.Of(input.Type, input.Shape);
        for (int i = 0; i < order.Length; i++)
            result.Copy(input, order[i] * run, i * run, run);
        return [result.Build()];
    }
}
