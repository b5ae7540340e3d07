using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Cpu.Kernels.TensorArrays;

/// <summary>Stacks elements of an array; Pack takes all of them.</summary>
[Kernel("TensorArrayPack", "TensorArrayGather", "TensorArrayGatherV2", "TensorArrayGatherV3")]
internal sealed class TensorArrayGather : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        var array = TensorArray.Of(call);
        array.CheckType(call.Node.Type("dtype"));
        array.Merge(call.Node.Shape("element_shape"));
        long[] indices = call.Node.Op == "TensorArrayPack" ? [.. Enumerable.Range(0, array.Size).Select(i => (long)i)] : Vector(call.Inputs[1]);
        if (indices.Length == 0)
            return [Empty(array)];
        Tensor[] values = [.. indices.Select(array.Read)];
        for (int i = 1; i < values.Length; i++)
        {
            if (!values[i].Shape.Equals(values[0].Shape))
                throw array.Invalid($"TensorArray has inconsistent shapes.  Index 0 has shape: {values[0].Shape} but index {i} has shape: {values[i].Shape}");
        }
        return [TensorStack.Of(values)];
    }

    internal static long[] Vector(Tensor indices) => indices.Shape.Rank == 1
        ? Integers.Read(indices)
        : throw Refuse.Invalid($"Expected indices to be a vector, but received shape: {indices.Shape}");

    private static Tensor Empty(TensorArray array) => array.ElementShape.IsFullyKnown
        ? TensorBuilder.Of(array.Type, TensorShape.Of(array.ElementShape.Dimensions.Insert(0, 0))).Build()
        : throw Refuse.Unimplemented($"TensorArray has size zero, but element shape {array.ElementShape} is not fully defined. Currently only static shapes are supported when packing zero-size TensorArrays.");
}

/// <summary>Writes the rows of a tensor to an array; Unpack writes them all in order.</summary>
[Kernel("TensorArrayUnpack", "TensorArrayScatter", "TensorArrayScatterV2", "TensorArrayScatterV3")]
internal sealed class TensorArrayScatter : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        var array = TensorArray.Of(call);
        bool isUnpack = call.Node.Op == "TensorArrayUnpack";
        Tensor values = call.Inputs[isUnpack ? 1 : 2];
        if (values.Shape.Rank < 1)
            throw array.Invalid($"Input value for unpack must be at least a vector but received shape: {values.Shape}");
        long rows = values.Shape[0];
        long[] indices = isUnpack ? [.. Enumerable.Range(0, (int)rows).Select(i => (long)i)] : TensorArrayGather.Vector(call.Inputs[1]);
        if (indices.Length != rows)
            throw array.Invalid($"Expected len(indices) == values.shape[0], but saw: {indices.Length} vs. {rows}");
        if (isUnpack && !array.IsDynamic && array.Size != rows)
            throw array.Invalid($"Input value must have first dimension equal to the array size ({rows} vs. {array.Size})");
        if (!array.IsDynamic && indices.Any(index => index >= array.Size))
            throw array.Invalid($"Max scatter index must be < array size ({indices.Max()} vs. {array.Size})");
        Tensor[] slices = TensorStack.Rows(values);
        for (int i = 0; i < indices.Length; i++)
            array.Write(indices[i], slices[i]);
        return [call.Inputs[^1]];
    }
}

/// <summary>Writes stretches of a tensor's rows, of given lengths, to an array.</summary>
[Kernel("TensorArraySplit", "TensorArraySplitV2", "TensorArraySplitV3")]
internal sealed class TensorArraySplit : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        var array = TensorArray.Of(call);
        Tensor value = call.Inputs[1];
        if (call.Inputs[2].Shape.Rank != 1)
            throw array.Invalid($"Expected lengths to be a vector, received shape: {call.Inputs[2].Shape}");
        if (value.Shape.Rank < 1)
            throw array.Invalid($"Expected value to be at least a vector, but received shape: {value.Shape}");
        long[] lengths = Integers.Read(call.Inputs[2]);
        if (lengths.Any(length => length < 0))
            throw array.Invalid("Expected lengths to be non-negative");
        if (lengths.Sum() != value.Shape[0])
            throw array.Invalid($"Expected sum of lengths to be equal to values.shape[0], but sum of lengths is {lengths.Sum()} and value's shape is: {value.Shape} ");
        if (!array.IsDynamic && array.Size != lengths.Length)
            throw array.Invalid($"TensorArray's size is not equal to the size of lengths ({array.Size} vs. {lengths.Length}), and the TensorArray is not marked as dynamically resizeable");
        Tensor[] pieces = Split.Cut(value, 0, lengths);
        for (int i = 0; i < pieces.Length; i++)
            array.Write(i, pieces[i]);
        return [call.Inputs[^1]];
    }
}

/// <summary>Joins all elements of an array along their first dimension; the second output is their lengths.</summary>
[Kernel("TensorArrayConcat", "TensorArrayConcatV2", "TensorArrayConcatV3")]
internal sealed class TensorArrayConcat : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown, TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        var array = TensorArray.Of(call);
        array.CheckType(call.Node.Type("dtype"));
        TensorShape rest = call.Node.Shape("element_shape_except0");
        Tensor[] values = [.. Enumerable.Range(0, array.Size).Select(i => array.Read(i))];
        if (values.Length == 0 && !rest.IsFullyKnown)
            throw Refuse.Unimplemented($"TensorArray has size zero, but element_shape_except0 {rest} is not fully defined. Currently only static shapes are supported when concatenating zero-size TensorArrays.");
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i].Shape.Rank == 0)
                throw array.Invalid($"Concat saw a scalar shape at index {i} but requires at least vectors.  Did you mean to call pack?");
            TensorShape own = values[i].Shape.WithoutAxis(0);
            if (i == 0 && rest.IsUnknownRank)
                rest = own;
            if (!rest.Allows(own))
                throw array.Invalid($"TensorArray has inconsistent shapes.  Index 0 has (excepting dimension 0) shape: {rest} but index {i} has (excepting dimension 0) shape: {own}");
            rest = own;
        }
        long[] lengths = [.. values.Select(value => value.Shape[0])];
        TensorShape shape = TensorShape.Of(rest.Dimensions.Insert(0, lengths.Sum()));
        Tensor joined = values.Length == 0 ? TensorBuilder.Of(array.Type, shape).Build() : Concat.Join(values, shape, 0);
        return [joined, Integers.Write(DataType.Int64, TensorShape.Of(lengths.Length), lengths)];
    }
}
