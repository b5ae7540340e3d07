using TransformFramework.Transforms;

namespace TransformFramework.Folding.Tests;

public sealed class FusePadAndConvTests : FuseConvolutionsCases
{
    protected override string Chain => Pad;

    private protected override ITransform Transform => new FusePadAndConv();

    [Fact]
    public void The_convolution_pads() => new FoldingTest(Transform).Check(
        """
        x = Placeholder()
        n = Const()
        m = MirrorPad(x:1, n) {T=float, mode="SYMMETRIC"}
        w = Placeholder()
        y = Conv2D(m, w) {T=float, strides=[1,2,2,1], padding="SAME", data_format="NHWC", use_cudnn_on_gpu=true}
        z = Relu(y)
        """,
        """
        w = Placeholder()
        x = Placeholder()
        n = Const()
        y = FusedPadConv2D(x:1, n, w) {T=float, padding="SAME", strides=[1,2,2,1], mode="SYMMETRIC"}
        z = Relu(y)
        """);

    [Fact]
    public void Padding_with_zeros_is_no_match()
    {
        const string Graph = "x = Placeholder()\nn = Const()\nm = Pad(x, n)\nw = Const()\ny = Conv2D(m, w) {T=float}\n";
        new FoldingTest(Transform).Check(Graph, Graph);
    }
}
