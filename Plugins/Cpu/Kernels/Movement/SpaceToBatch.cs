using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Pads the block dimensions and moves the positions within each block to the batch.</summary>
[Kernel("SpaceToBatchND", "SpaceToBatch")]
internal sealed class SpaceToBatch : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => node.Node.Op == "SpaceToBatch"
        ? Tensors.Infer(node, () => Target(Blocks.Square(node.Node, node.Shapes[0], node.Constants[1]!), node.Shapes[0]), 1)
        : Tensors.Infer(node, () => Target(Blocks.Of(node.Shapes[0], node.Constants[1]!, node.Constants[2]!), node.Shapes[0]), 1, 2);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        Blocks blocks = call.Node.Op == "SpaceToBatch" ? Blocks.Square(call.Node, input.Shape, call.Inputs[1]) : Blocks.Of(input.Shape, call.Inputs[1], call.Inputs[2]);
        TensorShape shape = Target(blocks, input.Shape);
        Tensor padded = Pad(input, blocks);
        int rank = input.Shape.Rank;
        int count = blocks.Sizes.Length;
        int[] strides = Strided.RowMajor(padded.Shape.Dimensions.AsSpan());
        var dimensions = new List<long>();
        var from = new List<int>();
        for (int i = 0; i < count; i++)
        {
            dimensions.Add(blocks.Sizes[i]);
            from.Add(strides[i + 1]);
        }
        for (int i = 0; i < rank; i++)
        {
            bool isBlocked = i > 0 && i <= count;
            dimensions.Add(isBlocked ? shape[i] : input.Shape[i]);
            from.Add(isBlocked ? strides[i] * (int)blocks.Sizes[i - 1] : strides[i]);
        }
        return [Tensors.Take(padded, new(0, [.. from]), dimensions.ToArray(), shape)];
    }

    private static TensorShape Target(Blocks blocks, TensorShape input)
    {
        long[] dimensions = [.. input.Dimensions];
        for (int i = 0; i < blocks.Sizes.Length; i++)
        {
            long padded = blocks.Before[i] + input[i + 1] + blocks.After[i];
            if (padded % blocks.Sizes[i] != 0)
                throw Refuse.Invalid($"padded_shape[{i}]={padded} is not divisible by block_shape[{i}]={blocks.Sizes[i]}");
            dimensions[i + 1] = padded / blocks.Sizes[i];
            dimensions[0] *= blocks.Sizes[i];
        }
        return Tensors.ShapeOf(dimensions);
    }

    private static Tensor Pad(Tensor input, Blocks blocks)
    {
        long[] dimensions = [.. input.Shape.Dimensions];
        for (int i = 0; i < blocks.Sizes.Length; i++)
            dimensions[i + 1] += blocks.Before[i] + blocks.After[i];
        TensorShape shape = TensorShape.Of(dimensions);
        int[] strides = Strided.RowMajor(dimensions);
        int offset = 0;
        for (int i = 0; i < blocks.Sizes.Length; i++)
            offset += (int)blocks.Before[i] * strides[i + 1];
        TensorBuilder padded = TensorBuilder.Of(input.Type, shape);
        padded.Copy(input, Strided.Whole(input.Shape), new(offset, strides), input.Shape.Dimensions.AsSpan());
        return padded.Build();
    }
}

/// <summary>Moves parts of the batch back to positions within blocks and crops the borders.</summary>
[Kernel("BatchToSpaceND", "BatchToSpace")]
internal sealed class BatchToSpace : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => node.Node.Op == "BatchToSpace"
        ? Tensors.Infer(node, () => Target(Blocks.Square(node.Node, node.Shapes[0], node.Constants[1]!), node.Shapes[0]), 1)
        : Tensors.Infer(node, () => Target(Blocks.Of(node.Shapes[0], node.Constants[1]!, node.Constants[2]!), node.Shapes[0]), 1, 2);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        Blocks blocks = call.Node.Op == "BatchToSpace" ? Blocks.Square(call.Node, input.Shape, call.Inputs[1]) : Blocks.Of(input.Shape, call.Inputs[1], call.Inputs[2]);
        TensorShape shape = Target(blocks, input.Shape);
        int rank = shape.Rank;
        int[] strides = Strided.RowMajor(input.Shape.Dimensions.AsSpan());
        int[] blockStrides = new int[blocks.Sizes.Length];
        long stride = shape[0] * strides[0];
        for (int i = blockStrides.Length - 1; i >= 0; i--)
        {
            blockStrides[i] = (int)stride;
            stride *= blocks.Sizes[i];
        }
        var dimensions = new List<long>();
        var from = new List<int>();
        for (int i = 0; i < rank; i++)
        {
            dimensions.Add(i == 0 ? shape[0] : input.Shape[i]);
            from.Add(strides[i]);
            if (i == 0 || i > blocks.Sizes.Length)
                continue;
            dimensions.Add(blocks.Sizes[i - 1]);
            from.Add(blockStrides[i - 1]);
        }
        long[] uncropped = [.. shape.Dimensions];
        for (int i = 0; i < blocks.Sizes.Length; i++)
            uncropped[i + 1] += blocks.Before[i] + blocks.After[i];
        Tensor whole = Tensors.Take(input, new(0, [.. from]), dimensions.ToArray(), TensorShape.Of(uncropped));
        return [Crop(whole, blocks, shape)];
    }

    private static Tensor Crop(Tensor whole, Blocks blocks, TensorShape shape)
    {
        int[] strides = Strided.RowMajor(whole.Shape.Dimensions.AsSpan());
        int offset = 0;
        for (int i = 0; i < blocks.Sizes.Length; i++)
            offset += (int)blocks.Before[i] * strides[i + 1];
        return Tensors.Take(whole, new(offset, strides), shape.Dimensions.AsSpan(), shape);
    }

    private static TensorShape Target(Blocks blocks, TensorShape input)
    {
        long product = Tensors.Product(blocks.Sizes);
        if (input[0] % product != 0)
            throw Refuse.Invalid($"Input batch dimension ({input[0]}) is not divisible by product of block sizes ({product})");
        long[] dimensions = [.. input.Dimensions];
        dimensions[0] = input[0] / product;
        for (int i = 0; i < blocks.Sizes.Length; i++)
        {
            dimensions[i + 1] = (input[i + 1] * blocks.Sizes[i]) - blocks.Before[i] - blocks.After[i];
            if (dimensions[i + 1] < 0)
                throw Refuse.Invalid($"cropped_shape[{i}]={dimensions[i + 1]} must be non-negative");
        }
        return TensorShape.Of(dimensions);
    }
}

/// <summary>Block sizes of the dimensions after the batch and how much goes before and after each.</summary>
internal sealed record Blocks(long[] Sizes, long[] Before, long[] After)
{
    public static Blocks Of(TensorShape input, Tensor sizes, Tensor borders)
    {
        if (sizes.Shape.Rank != 1)
            throw Refuse.Invalid($"block_shape rank should be 1 instead of {sizes.Shape.Rank}");
        return Of(input, Integers.Read(sizes), borders);
    }

    /// <summary>Blocks of the two image dimensions, square by the node's attribute.</summary>
    public static Blocks Square(Node node, TensorShape input, Tensor borders)
    {
        if (input.Rank != 4)
            throw Refuse.Invalid($"inputs must have 4 dimensions, got {input}");
        long size = node.Long("block_size");
        return size >= 2 ? Of(input, [size, size], borders) : throw Refuse.Invalid($"Block size should be > 1: {size}");
    }

    private static Blocks Of(TensorShape input, long[] sizes, Tensor borders)
    {
        if (input.Rank < 1 + sizes.Length)
            throw Refuse.Invalid($"input rank should be >= {1 + sizes.Length} instead of {input.Rank}");
        if (borders.Shape.Rank != 2 || borders.Shape[0] != sizes.Length || borders.Shape[1] != 2)
            throw Refuse.Invalid($"paddings or crops should have shape [{sizes.Length}, 2] instead of {borders.Shape}");
        long[] pairs = Integers.Read(borders);
        if (pairs.Any(border => border < 0))
            throw Refuse.Invalid("paddings and crops must be non-negative");
        if (sizes.Any(size => size < 1))
            throw Refuse.Invalid($"All values in block_shape must be positive, got [{string.Join(',', sizes)}]");
        return new(sizes, [.. pairs.Where((_, i) => i % 2 == 0)], [.. pairs.Where((_, i) => i % 2 == 1)]);
    }
}
