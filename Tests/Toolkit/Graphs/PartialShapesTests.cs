using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Toolkit.Tests.Graphs;

public sealed class PartialShapesTests
{
    [Theory]
    [InlineData("?", "?", "?")]
    [InlineData("?", "2,3", "2,3")]
    [InlineData("2,-1", "?", "2,-1")]
    [InlineData("2,-1", "-1,3", "2,3")]
    [InlineData("-1,-1", "-1,3", "-1,3")]
    [InlineData("2,3", "2,3", "2,3")]
    [InlineData("2,3", "2,4", null)]
    [InlineData("2", "2,1", null)]
    [InlineData("", "", "")]
    [InlineData("", "1", null)]
    public void Two_shapes_of_one_tensor_merge_both_ways(string first, string second, string? expected)
    {
        TensorShape? shape = expected is null ? null : Parse(expected);
        Assert.Equal(shape, Parse(first).Merge(Parse(second)));
        Assert.Equal(shape, Parse(second).Merge(Parse(first)));
    }

    [Theory]
    [InlineData("?", "2,3", true)]
    [InlineData("2,-1", "2,3", true)]
    [InlineData("2,3", "2,-1", false)]
    [InlineData("2,3", "?", false)]
    [InlineData("2,-1", "1,3", false)]
    [InlineData("2", "2,1", false)]
    public void A_declared_shape_allows_what_it_does_not_exclude(string declared, string shape, bool expected) => Assert.Equal(expected, Parse(declared).Allows(Parse(shape)));

    private static TensorShape Parse(string text) => text == "?" ? TensorShape.Unknown : TensorShape.Of([.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)]);
}
