namespace TransformFramework.Structure.Tests;

public sealed class FlattenAtrousConvTests
{
    [Fact]
    public void Spreads_the_filter_and_keeps_the_port()
    {
        string flat = new TransformTest(new FlattenAtrousConv()).Run(Atrous("2, 2, 0, 0"));
        Assert.Contains("w = Const() {dtype=float, value=float[5,1,1,1]{1, 0, 2, 0, 3}}", flat, StringComparison.Ordinal);
        Assert.Contains("y = Conv2D(x:1, w)", flat, StringComparison.Ordinal);
        Assert.Contains("padding=\"SAME\"", flat, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_paddings_that_are_not_those_of_SAME()
    {
        var test = new TransformTest(new FlattenAtrousConv());
        Assert.Contains("BatchToSpaceND", test.Run(Atrous("0, 0, 0, 0")), StringComparison.Ordinal);
        Assert.Contains(test.Context.Diagnostics, diagnostic => diagnostic.Message.Contains("not those of SAME", StringComparison.Ordinal));
    }

    [Fact]
    public void Leaves_a_shared_filter_and_makes_its_own()
    {
        string flat = new TransformTest(new FlattenAtrousConv()).Run(Atrous("2, 2, 0, 0") + "\nother = Abs(w)");
        Assert.Contains("w = Const() {dtype=float, value=float[3,1,1,1]{1, 2, 3}}", flat, StringComparison.Ordinal);
        Assert.Contains("Conv2D(x:1, w_dilated)", flat, StringComparison.Ordinal);
    }

    [Fact]
    public void Absent_attributes_have_their_defaults()
    {
        string stripped = Atrous("2, 2, 0, 0").Replace("data_format=\"NHWC\", ", "", StringComparison.Ordinal).Replace(", use_cudnn_on_gpu=true", "", StringComparison.Ordinal);
        Assert.Contains("y = Conv2D(x:1, w)", new TransformTest(new FlattenAtrousConv()).Run(stripped), StringComparison.Ordinal);
    }

    private static string Atrous(string paddings) =>
        $$$"""
        x = Placeholder()
        block = Const() {dtype=int32, value=int32[2]{2, 2}}
        pads = Const() {dtype=int32, value=int32[2,2]{{{{paddings}}}}}
        crops = Const() {dtype=int32, value=int32[2,2]{0, 0, 0, 0}}
        w = Const() {dtype=float, value=float[3,1,1,1]{1, 2, 3}}
        s = SpaceToBatchND(x:1, block, pads)
        c = Conv2D(s, w) {T=float, data_format="NHWC", padding="VALID", strides=[1,1,1,1], use_cudnn_on_gpu=true}
        y = BatchToSpaceND(c, block, crops)
        """;
}
