using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>
/// Fuses mirrored padding into the convolution after it.
/// <code>y = Conv2D(MirrorPad(x, pads), w)   →   y = FusedPadConv2D(x, pads, w)</code>
/// Padding with zeros (Pad) is not matched. The fused op exists for NHWC only and without dilations; without --verbatim other convolutions are declined.
/// </summary>
[Transform("fuse_pad_and_conv", Summary = "Fuses mirrored padding into convolutions.", IsClassic = true)]
public sealed class FusePadAndConv : Transform
{
    private static readonly OpPattern Chain = OpPattern.Of("Conv2D", OpPattern.Of("MirrorPad", "*", "*"), "*");

    protected override Graph Apply(Graph graph, TransformContext context) => FuseConvolutions.Apply(graph, Chain, context, match =>
    {
        NodeMatch pad = match.Inputs[0];
        Node fused = FuseConvolutions.Fused(match.Node, "FusedPadConv2D", pad.Node.Inputs[0], pad.Node.Inputs[1], match.Node.Inputs[1])
            .With("mode", pad.Node.RequiredAttribute("mode"));
        return [match.Inputs[1].Node, pad.Inputs[0].Node, pad.Inputs[1].Node, fused];
    });
}
