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

/// <summary>Strings of the same segment joined.</summary>
[Kernel("UnsortedSegmentJoin")]
internal sealed class UnsortedSegmentJoin : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor inputs = call.Inputs[0];
        Tensor ids = call.Inputs[1];
        long segments = Integers.Scalar(call.Inputs[2], "num_segments");
        bool fits = segments is >= 0 and <= int.MaxValue && ids.Shape.Rank <= inputs.Shape.Rank && ids.Shape.Dimensions.AsSpan().SequenceEqual(inputs.Shape.Dimensions.AsSpan()[..ids.Shape.Rank]);
        if (!fits)
            throw Refuse.Invalid($"segment_ids shape {ids.Shape} must begin that of inputs, {inputs.Shape}, and num_segments must not be negative");
        long[] rest = inputs.Shape.Dimensions.AsSpan()[ids.Shape.Rank..].ToArray();
        int run = (int)rest.Aggregate(1L, (product, dimension) => product * dimension);
        var parts = new List<ReadOnlyMemory<byte>>?[checked((int)segments * run)];
        long[] segmentOf = Integers.Read(ids);
        for (int i = 0; i < segmentOf.Length; i++)
        {
            if (segmentOf[i] < 0)
                continue;
            if (segmentOf[i] >= segments)
                throw Refuse.Invalid($"segment_ids[{i}] = {segmentOf[i]} is out of range [0, {segments})");
            for (int r = 0; r < run; r++)
                (parts[(segmentOf[i] * run) + r] ??= []).Add(inputs.Strings[(i * run) + r]);
        }
        byte[] separator = [.. Strings.Bytes(call.Node.Text("separator")).Span];
        return [Strings.Of(TensorShape.Of([segments, .. rest]), [.. parts.Select(part => (ReadOnlyMemory<byte>)(part is null ? [] : StringJoin.Join(part, separator)))])];
    }
}
