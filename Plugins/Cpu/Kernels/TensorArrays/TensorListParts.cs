using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.TensorArrays;

/// <summary>A list whose elements are rows of a tensor at given places, at least as long as asked for.</summary>
[Kernel("TensorListScatter", "TensorListScatterV2", "TensorListScatterIntoExistingList")]
internal sealed class TensorListScatter : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        bool isExisting = call.Node.Op == "TensorListScatterIntoExistingList";
        Tensor tensor = call.Inputs[isExisting ? 1 : 0];
        long[] indices = Integers.Read(call.Inputs[isExisting ? 2 : 1]);
        if (tensor.Shape.Rank < 1 || tensor.Shape[0] != indices.Length)
            throw Refuse.Invalid($"Invalid number of rows in input tensor. Expected: {indices.Length} Actual: {tensor.Shape}");
        if (indices.Any(index => index < 0 || index > int.MaxValue))
            throw Refuse.Invalid("Indices in TensorListScatter must all be non-negative.");
        TensorList list = isExisting ? TensorList.Of(call) : new(call.Node.Type("element_dtype"), TensorList.ShapeOf(call.Inputs[2]), []);
        long asked = call.Node.Op == "TensorListScatterV2" ? Integers.Scalar(call.Inputs[3], "num_elements") : -1;
        long count = Math.Max(list.Elements.Count, asked >= 0 ? asked : indices.Length == 0 ? 0 : indices.Max() + 1);
        if (indices.Any(index => index >= count) || count > 1 << 24)
            throw Refuse.Invalid($"TensorListScatter: an index is not below the number of elements, {count}, or there are too many");
        Tensor?[] elements = [.. list.Elements, .. new Tensor?[count - list.Elements.Count]];
        Tensor[] rows = TensorStack.Rows(tensor);
        for (int i = 0; i < rows.Length; i++)
            elements[indices[i]] = rows[i];
        return [(list with { Elements = [.. elements] }).Handle(call.State)];
    }
}

/// <summary>The shape that a list declares for its elements; a scalar -1 for an unknown rank.</summary>
[Kernel("TensorListElementShape")]
internal sealed class TensorListElementShape : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        TensorShape shape = TensorList.Of(call).ElementShape;
        DataType type = call.Node.Type("shape_type");
        return [shape.IsUnknownRank ? Integers.Write(type, TensorShape.Scalar, [-1]) : Integers.Write(type, TensorShape.Of(shape.Rank), shape.Dimensions.AsSpan())];
    }
}

/// <summary>A list of consecutive parts of a tensor along its first dimension.</summary>
[Kernel("TensorListSplit")]
internal sealed class TensorListSplit : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor tensor = call.Inputs[0];
        long[] lengths = Integers.Read(call.Inputs[2]);
        if (tensor.Shape.Rank < 1 || lengths.Any(length => length < 0) || lengths.Sum() != tensor.Shape[0])
            throw Refuse.Invalid($"lengths must not be negative and add up to the first dimension of the tensor, {tensor.Shape}");
        int run = (int)Tensors.Product(tensor.Shape.Dimensions.AsSpan()[1..]);
        var parts = new Tensor?[lengths.Length];
        int first = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            TensorBuilder part = TensorBuilder.Of(tensor.Type, TensorShape.Of([lengths[i], .. tensor.Shape.Dimensions.AsSpan()[1..]]));
            part.Copy(tensor, first * run, 0, (int)lengths[i] * run);
            parts[i] = part.Build();
            first += (int)lengths[i];
        }
        return [new TensorList(call.Node.Type("element_dtype"), TensorList.ShapeOf(call.Inputs[1]), [.. parts]).Handle(call.State)];
    }
}
