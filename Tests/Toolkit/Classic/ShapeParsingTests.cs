using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Tests.Classic;

public sealed class ShapeParsingTests
{
    [Theory]
    [InlineData("1,224,224,3", new long[] { 1, 224, 224, 3 })]
    [InlineData(" 1 , 2 ", new long[] { 1, 2 })]
    [InlineData("0", new long[] { 0 })]
    public void Reads_dimensions(string text, long[] dimensions) =>
        Assert.Equal(TensorShape.Of(dimensions), ShapeParsing.Parse(text, allowUnknown: false));

    [Fact]
    public void Minus_one_can_mean_unknown() => Assert.Equal(TensorShape.Of(-1, 3), ShapeParsing.Parse("-1,3", allowUnknown: true));

    [Theory]
    [InlineData("", false, StatusKind.InvalidArgument)]
    [InlineData("1,,2", false, StatusKind.InvalidArgument)]
    [InlineData("+1", false, StatusKind.InvalidArgument)]
    [InlineData("1x2", false, StatusKind.InvalidArgument)]
    [InlineData("-1,3", false, StatusKind.Aborted)]
    [InlineData("-2", true, StatusKind.Aborted)]
    [InlineData("9000000000,9000000000", false, StatusKind.Aborted)]
    public void Refuses_what_is_no_shape(string text, bool allowUnknown, StatusKind kind) =>
        Assert.Equal(kind, Assert.Throws<TransformException>(() => ShapeParsing.Parse(text, allowUnknown)).Kind);
}
