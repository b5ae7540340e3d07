using TransformFramework.Cpu.Kernels.Images;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Convolution;

/// <summary>Mirrored padding and a convolution in one, and the same after bilinear resizing.</summary>
[Kernel("FusedPadConv2D", "FusedResizeAndPadConv2D")]
internal sealed class FusedPadConvolution : IKernel
{
    private readonly MirrorPad pad = new();
    private readonly Convolution convolution = new();

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        if (node.Shapes[0].IsUnknownRank)
            throw Refuse.Invalid("the input has unknown rank");
        return [TensorShape.Unknown];
    }

    public Tensor[] Compute(KernelCall call)
    {
        bool resizes = call.Node.Op == "FusedResizeAndPadConv2D";
        Tensor paddings = call.Inputs[resizes ? 2 : 1];
        Tensor filter = call.Inputs[resizes ? 3 : 2];
        if (paddings.Shape.Rank == 2 && paddings.Shape[0] == 4 && Integers.Read(paddings) is [var batchBefore, var batchAfter, _, _, _, _, var depthBefore, var depthAfter])
        {
            if (batchBefore != 0 || batchAfter != 0)
                throw Refuse.Invalid("Fused mirror padding only support spatial padding, not batches");
            if (depthBefore != 0 || depthAfter != 0)
                throw Refuse.Invalid("Fused mirror padding only support spatial padding, not channels");
        }
        Tensor input = resizes ? Resize(call) : call.Inputs[0];
        Tensor padded = pad.Compute(call with { Inputs = [input, paddings] })[0];
        return convolution.Compute(call with { Inputs = [padded, filter] });
    }

    private static Tensor Resize(KernelCall call)
    {
        Tensor image = call.Inputs[0];
        var geometry = ResizeGeometry.Of(image.Shape, call.Inputs[1], call.Node.Bool("resize_align_corners"), hasHalfPixels: false);
        Tensor resized = ResizeBilinear.Resize(image, geometry);
        return image.Type == DataType.Float ? resized : Floats.FromDoubles(image.Type, resized.Shape, Floats.ToDoubles(resized));
    }
}
