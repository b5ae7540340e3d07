using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>
/// Fuses bilinear resizing into the convolution after it.
/// <code>y = Conv2D(ResizeBilinear(x, size), w)   →   y = FusedResizeAndPadConv2D(x, size, y_dummy_paddings, w)</code>
/// The fused op exists for NHWC only and without dilations and half_pixel_centers; without --verbatim other convolutions are declined.
/// </summary>
[Transform("fuse_resize_and_conv", Summary = "Fuses resizing into convolutions.", IsClassic = true)]
public sealed class FuseResizeAndConv : Transform
{
    private static readonly OpPattern Chain = OpPattern.Of("Conv2D", "ResizeBilinear", "*");

    protected override Graph Apply(Graph graph, TransformContext context) => FuseConvolutions.Apply(graph, Chain, context, match =>
    {
        Node resize = match.Inputs[0].Node;
        Node paddings = Node.Constant(match.Node.Name + "_dummy_paddings", Tensor.Create<int>(DataType.Int32, TensorShape.Of(4, 2), new int[8]));
        Node fused = FuseConvolutions.Fused(match.Node, "FusedResizeAndPadConv2D", resize.Inputs[0], resize.Inputs[1], paddings.Name, match.Node.Inputs[1])
            .With("resize_align_corners", resize.RequiredAttribute("align_corners"))
            .With("mode", "REFLECT");
        return [match.Inputs[1].Node, paddings, fused];
    });
}
