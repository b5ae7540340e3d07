using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Spreads channels over square blocks of pixels, or gathers blocks into channels. The real CPU kernels take channels last only.</summary>
[Kernel("DepthToSpace", "SpaceToDepth")]
internal sealed class DepthToSpace : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => Tensors.Infer(node, () => Target(node.Node, node.Shapes[0]));

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        TensorShape shape = Target(call.Node, input.Shape);
        long block = call.Node.Long("block_size");
        bool spreads = call.Node.Op == "DepthToSpace";
        TensorShape coarse = spreads ? input.Shape : shape;
        TensorShape fine = spreads ? shape : input.Shape;
        var (batch, height, width, channels) = (coarse[0], coarse[1], coarse[2], fine[3]);
        long[] dimensions = [batch, height, block, width, block, channels];
        int[] blocks = [.. Strided.RowMajor([batch, height, width, block, block, channels])];
        int[] inChannels = [blocks[0], blocks[1], blocks[3], blocks[2], blocks[4], blocks[5]];
        int[] inPixels = Strided.RowMajor(dimensions);
        TensorBuilder result = TensorBuilder.Of(input.Type, shape);
        result.Copy(input, new(0, spreads ? inChannels : inPixels), new(0, spreads ? inPixels : inChannels), dimensions);
        return [result.Build()];
    }

    private static TensorShape Target(Node node, TensorShape input)
    {
        string format = node.Text("data_format");
        long block = node.Long("block_size");
        if (format != "NHWC")
            throw Refuse.Invalid($"Only NHWC data_format supported on CPU. Got {format}");
        if (block < 2)
            throw Refuse.Invalid($"Block size should be > 1, but was: {block}");
        if (input.Rank != 4)
            throw Refuse.Invalid($"Input rank should be: 4 instead of: {input.Rank}");
        if (node.Op == "DepthToSpace")
        {
            return input[3] % (block * block) == 0
                ? TensorShape.Of(input[0], input[1] * block, input[2] * block, input[3] / (block * block))
                : throw Refuse.Invalid($"Input depth dimension {input[3]} should be divisible by: {block * block}");
        }
        return input[1] % block == 0 && input[2] % block == 0
            ? TensorShape.Of(input[0], input[1] / block, input[2] / block, input[3] * block * block)
            : throw Refuse.Invalid($"Image width {input[2]} and height {input[1]} should be divisible by block_size: {block}");
    }
}
