using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>Joins strings element by element; scalars go with every element.</summary>
[Kernel("StringJoin")]
internal sealed class StringJoin : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes.FirstOrDefault(shape => shape.Rank != 0) ?? TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        TensorShape shape = call.Inputs.Select(input => input.Shape).FirstOrDefault(candidate => candidate.Rank != 0) ?? TensorShape.Scalar;
        foreach (Tensor input in call.Inputs)
        {
            if (input.Shape.Rank != 0 && !input.Shape.Equals(shape))
                throw Refuse.Invalid($"Input shapes do not match: {shape} vs. {input.Shape}");
        }
        byte[] separator = Strings.Bytes(call.Node.Text("separator")).ToArray();
        var joined = new ReadOnlyMemory<byte>[shape.ElementCount];
        for (int i = 0; i < joined.Length; i++)
            joined[i] = Join(call.Inputs.Select(input => input.Strings[input.Shape.Rank == 0 ? 0 : i]), separator);
        return [Strings.Of(shape, joined)];
    }

    internal static byte[] Join(IEnumerable<ReadOnlyMemory<byte>> parts, byte[] separator)
    {
        var bytes = new List<byte>();
        bool isFirst = true;
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            if (!isFirst)
                bytes.AddRange(separator);
            isFirst = false;
            bytes.AddRange(part.Span);
        }
        return [.. bytes];
    }
}

/// <summary>Joins the strings along dimensions, in the order in which these are listed; no dimensions means none.</summary>
[Kernel("ReduceJoin")]
internal sealed class ReduceJoin : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        int rank = input.Shape.Rank;
        int[] axes = [.. Integers.Read(call.Inputs[1]).Select(axis => Integers.Axis(axis, rank))];
        if (axes.Distinct().Count() != axes.Length)
            throw Refuse.Invalid("Duplicate reduction dimension");
        bool keeps = call.Node.Bool("keep_dims");
        byte[] separator = Strings.Bytes(call.Node.Text("separator")).ToArray();
        int[] kept = [.. Enumerable.Range(0, rank).Except(axes)];
        int[] strides = Strided.RowMajor(input.Shape.Dimensions.AsSpan());
        long[] outer = [.. kept.Select(axis => input.Shape[axis])];
        long[] inner = [.. axes.Select(axis => input.Shape[axis])];
        long[] dimensions = [.. outer, .. inner];
        Tensor ordered = Tensors.Take(input, new(0, [.. kept.Concat(axes).Select(axis => strides[axis])]), dimensions, TensorShape.Of(dimensions));
        int run = (int)Tensors.Product(inner);
        var joined = new ReadOnlyMemory<byte>[Tensors.Product(outer)];
        for (int i = 0; i < joined.Length; i++)
            joined[i] = StringJoin.Join(ordered.Strings.Skip(i * run).Take(run), separator);
        long[] shape = keeps ? [.. Enumerable.Range(0, rank).Select(axis => axes.Contains(axis) ? 1 : input.Shape[axis])] : outer;
        return [Strings.Of(TensorShape.Of(shape), joined)];
    }
}
