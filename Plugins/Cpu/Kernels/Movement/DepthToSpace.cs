using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Spreads channels over square blocks of pixels, or gathers blocks into channels. Channels may be first, too, which the real CPU kernels refuse.</summary>
[Kernel("DepthToSpace", "SpaceToDepth")]
internal sealed class DepthToSpace : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => Tensors.Infer(node, () => Target(node.Node, node.Shapes[0]));

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        TensorShape shape = Target(call.Node, input.Shape);
        bool isFirst = DataFormat.Of(call.Node, input.Shape.Rank).ChannelsFirst;
        long block = call.Node.Long("block_size");
        bool spreads = call.Node.Op == "DepthToSpace";
        TensorShape coarse = spreads ? input.Shape : shape;
        TensorShape fine = spreads ? shape : input.Shape;
        var (height, width) = isFirst ? (coarse[2], coarse[3]) : (coarse[1], coarse[2]);
        long channels = fine[isFirst ? 1 : 3];
        long[] dimensions = [coarse[0], height, block, width, block, channels];
        int[] inChannels = isFirst ? Order([coarse[0], block, block, channels, height, width], 0, 4, 1, 5, 2, 3) : Order([coarse[0], height, width, block, block, channels], 0, 1, 3, 2, 4, 5);
        int[] inPixels = isFirst ? Order([coarse[0], channels, height, block, width, block], 0, 2, 3, 4, 5, 1) : Strided.RowMajor(dimensions);
        TensorBuilder result = TensorBuilder.Of(input.Type, shape);
        result.Copy(input, new(0, spreads ? inChannels : inPixels), new(0, spreads ? inPixels : inChannels), dimensions);
        return [result.Build()];
    }

    /// <summary>Strides of dimensions as they are stored, in the order batch, height, row of the block, width, column of the block, channel.</summary>
    private static int[] Order(long[] stored, params ReadOnlySpan<int> places)
    {
        int[] strides = Strided.RowMajor(stored);
        int[] ordered = new int[places.Length];
        for (int i = 0; i < places.Length; i++)
            ordered[i] = strides[places[i]];
        return ordered;
    }

    private static TensorShape Target(Node node, TensorShape input)
    {
        long block = node.Long("block_size");
        if (block < 2)
            throw Refuse.Invalid($"Block size should be > 1, but was: {block}");
        if (input.Rank != 4)
            throw Refuse.Invalid($"Input rank should be: 4 instead of: {input.Rank}");
        DataFormat format = DataFormat.Of(node, input.Rank);
        long depth = input[format.Channel];
        var (height, width) = (input[format.SpatialAxis(0)], input[format.SpatialAxis(1)]);
        if (node.Op == "DepthToSpace")
        {
            return depth % (block * block) == 0
                ? format.Shape(input[0], [height * block, width * block], depth / (block * block))
                : throw Refuse.Invalid($"Input depth dimension {depth} should be divisible by: {block * block}");
        }
        return height % block == 0 && width % block == 0
            ? format.Shape(input[0], [height / block, width / block], depth * block * block)
            : throw Refuse.Invalid($"Image width {width} and height {height} should be divisible by block_size: {block}");
    }
}
