using TransformFramework.Transforms;

namespace TransformFramework.Folding.Tests;

public sealed class FuseResizeAndConvTests : FuseConvolutionsCases
{
    protected override string Chain => Resize;

    private protected override ITransform Transform => new FuseResizeAndConv();

    [Fact]
    public void The_convolution_resizes() => new FoldingTest(Transform).Check(
        """
        x = Placeholder()
        s = Const()
        r = ResizeBilinear(x, s) {T=float, align_corners=true}
        w = Const()
        y = Conv2D(r, w) {T=float, strides=[1,1,1,1], padding="SAME"}
        """,
        """
        x = Placeholder()
        s = Const()
        w = Const()
        y_dummy_paddings = Const() {dtype=int32, value=int32[4,2]{0, 0, 0, 0, 0, 0, 0, 0}}
        y = FusedResizeAndPadConv2D(x, s, y_dummy_paddings, w) {T=float, padding="SAME", strides=[1,1,1,1], resize_align_corners=true, mode="REFLECT"}
        """);

    [Theory]
    [InlineData("{T=float, align_corners=false, half_pixel_centers=true}", "half_pixel_centers")]
    [InlineData("{T=uint8, align_corners=false, half_pixel_centers=false}", "another type")]
    public void Declines_what_is_resized_otherwise(string attributes, string reason) => new FoldingTest(Transform).CheckDeclined(
        $"x = Placeholder()\ns = Const()\nr = ResizeBilinear(x, s) {attributes}\nw = Const()\ny = Conv2D(r, w) {{T=float, strides=[1,1,1,1], padding=\"SAME\"}}", "y", reason);
}
