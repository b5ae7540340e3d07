using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>
/// Fuses bilinear resizing and mirrored padding into the convolution after them.
/// <code>y = Conv2D(MirrorPad(ResizeBilinear(x, size), pads), w)   →   y = FusedResizeAndPadConv2D(x, size, pads, w)</code>
/// Run it before fuse_resize_and_conv and fuse_pad_and_conv. The fused op exists for NHWC only and without dilations and half_pixel_centers; without --verbatim other
/// convolutions are declined.
/// </summary>
[Transform("fuse_resize_pad_and_conv", Summary = "Fuses resizing and mirrored padding into convolutions.", IsClassic = true)]
public sealed class FuseResizePadAndConv : Transform
{
    private static readonly OpPattern Chain = OpPattern.Of("Conv2D", OpPattern.Of("MirrorPad", "ResizeBilinear", "*"), "*");

    protected override Graph Apply(Graph graph, TransformContext context) => FuseConvolutions.Apply(graph, Chain, context, match =>
    {
        NodeMatch pad = match.Inputs[0];
        Node resize = pad.Inputs[0].Node;
        Node fused = FuseConvolutions.Fused(match.Node, "FusedResizeAndPadConv2D", resize.Inputs[0], resize.Inputs[1], pad.Node.Inputs[1], match.Node.Inputs[1])
            .With("resize_align_corners", resize.RequiredAttribute("align_corners"))
            .With("mode", pad.Node.RequiredAttribute("mode"));
        return [match.Inputs[1].Node, pad.Inputs[1].Node, fused];
    });
}
