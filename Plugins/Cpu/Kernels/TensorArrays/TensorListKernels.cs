using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.TensorArrays;

/// <summary>Makes lists: of elements not yet written, or of the rows of a tensor.</summary>
[Kernel("TensorListReserve", "EmptyTensorList", "TensorListFromTensor")]
internal sealed class TensorListCreate : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        DataType type = call.Node.Type("element_dtype");
        var list = call.Node.Op switch
        {
            "TensorListReserve" => new TensorList(type, TensorList.ShapeOf(call.Inputs[0]), [.. new Tensor?[Count(call.Inputs[1])]]),
            "EmptyTensorList" => new TensorList(type, TensorList.ShapeOf(call.Inputs[0]), []),
            _ => new TensorList(type, TensorList.ShapeOf(call.Inputs[1]), [.. Rows(call.Inputs[0])]),
        };
        return [list.Handle(call.State)];
    }

    private static long Count(Tensor input)
    {
        long count = Integers.Scalar(input, "num_elements");
        return count >= 0 ? count : throw Refuse.Invalid($"The num_elements to reserve must be a non negative number, but got {count}");
    }

    private static Tensor[] Rows(Tensor tensor) =>
        tensor.Shape.Rank >= 1 ? TensorStack.Rows(tensor) : throw Refuse.Invalid($"Tensor must be at least a vector, but saw shape: {tensor.Shape}");
}

[Kernel("TensorListLength")]
internal sealed class TensorListLength : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call) => [Tensor.Scalar(TensorList.Of(call).Elements.Count)];
}

[Kernel("TensorListGetItem")]
internal sealed class TensorListGetItem : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call) => [TensorList.Of(call).Item(Integers.Scalar(call.Inputs[1], "index"), TensorList.ShapeOf(call.Inputs[2]))];
}

[Kernel("TensorListSetItem")]
internal sealed class TensorListSetItem : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        var list = TensorList.Of(call);
        long index = Integers.Scalar(call.Inputs[1], "index");
        if (index < 0 || index >= list.Elements.Count)
            throw Refuse.Invalid($"Trying to modify element {index} in a list with {list.Elements.Count} elements.");
        return [(list with { Elements = list.Elements.SetItem((int)index, call.Inputs[2]) }).Handle(call.State)];
    }
}

[Kernel("TensorListPushBack")]
internal sealed class TensorListPushBack : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        var list = TensorList.Of(call);
        return [(list with { Elements = list.Elements.Add(call.Inputs[1]) }).Handle(call.State)];
    }
}

[Kernel("TensorListPopBack")]
internal sealed class TensorListPopBack : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar, TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        var list = TensorList.Of(call);
        if (list.Elements.IsEmpty)
            throw Refuse.Invalid("Trying to pop from an empty list.");
        Tensor last = list.Item(list.Elements.Count - 1, TensorList.ShapeOf(call.Inputs[1]));
        return [(list with { Elements = list.Elements.RemoveAt(list.Elements.Count - 1) }).Handle(call.State), last];
    }
}

/// <summary>The list cut off, or lengthened by elements that are not yet written.</summary>
[Kernel("TensorListResize")]
internal sealed class TensorListResize : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        var list = TensorList.Of(call);
        long size = Integers.Scalar(call.Inputs[1], "size");
        if (size < 0)
            throw Refuse.Invalid($"TensorListSlice expects size to be non-negative. Got: {size}");
        int kept = (int)Math.Min(size, list.Elements.Count);
        return [(list with { Elements = [.. list.Elements.Take(kept), .. new Tensor?[size - kept]] }).Handle(call.State)];
    }
}

[Kernel("TensorListStack", "TensorListGather")]
internal sealed class TensorListStack : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        var list = TensorList.Of(call);
        if (call.Node.Op == "TensorListGather")
            return [list.Stack(Integers.Read(call.Inputs[1]), TensorList.ShapeOf(call.Inputs[2]))];
        int expected = call.Node.Int("num_elements");
        if (expected >= 0 && expected != list.Elements.Count)
            throw Refuse.Invalid($"Operation expected a list with {expected} elements but got a list with {list.Elements.Count} elements.");
        return [list.Stack(Enumerable.Range(0, list.Elements.Count).Select(i => (long)i), TensorList.ShapeOf(call.Inputs[1]))];
    }
}
