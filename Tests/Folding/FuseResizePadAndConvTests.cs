using TransformFramework.Transforms;

namespace TransformFramework.Folding.Tests;

public sealed class FuseResizePadAndConvTests : FuseConvolutionsCases
{
    protected override string Chain => Resize + Pad.Replace("MirrorPad(x,", "MirrorPad(r,", StringComparison.Ordinal);

    private protected override ITransform Transform => new FuseResizePadAndConv();

    [Fact]
    public void The_convolution_resizes_and_pads() => new FoldingTest(Transform).Check(
        """
        x = Placeholder()
        s = Const()
        r = ResizeBilinear(x, s) {T=float, align_corners=true}
        n = Const()
        m = MirrorPad(r, n) {T=float, mode="SYMMETRIC"}
        w = Const()
        y = Conv2D(m, w) {T=float, strides=[1,1,1,1], padding="SAME"}
        """,
        """
        x = Placeholder()
        s = Const()
        w = Const()
        n = Const()
        y = FusedResizeAndPadConv2D(x, s, n, w) {T=float, padding="SAME", strides=[1,1,1,1], resize_align_corners=true, mode="SYMMETRIC"}
        """);
}
