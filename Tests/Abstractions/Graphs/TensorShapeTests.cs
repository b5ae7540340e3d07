using TransformFramework.Graphs;

namespace TransformFramework.Abstractions.Tests.Graphs;

public class TensorShapeTests
{
    [Theory]
    [InlineData("()", 0, true, 1L, "[]")]
    [InlineData("(2,3)", 2, true, 6L, "[2,3]")]
    [InlineData("(2,?)", 2, false, -1L, "[2,?]")]
    [InlineData("(...)", -1, false, -1L, "?")]
    [InlineData("(0,9223372036854775807,9)", 3, true, 0L, "[0,9223372036854775807,9]")]
    public void Rank_and_number_of_elements(string text, int rank, bool isKnown, long count, string shown)
    {
        TensorShape shape = Read(text);
        Assert.Equal((rank, isKnown, count, shown), (shape.Rank, shape.IsFullyKnown, shape.ElementCount, shape.ToString()));
    }

    [Fact]
    public void Too_many_elements_overflow()
    {
        TensorShape shape = Read("(9223372036854775807,2)");
        Assert.Throws<OverflowException>(() => shape.ElementCount);
        Assert.False(shape.TryCount(out _));
    }

    [Fact]
    public void Names_count_in_comparisons_unless_all_are_empty()
    {
        Assert.NotEqual(Read("(a:2)"), Read("(2)"));
        Assert.Equal(TensorShape.Create([2], unknownRank: false, [""]), TensorShape.Of(2));
        Assert.Throws<ArgumentException>(() => TensorShape.Create([2], unknownRank: false, ["a", "b"]));
    }

    private static TensorShape Read(string text) => Assert.IsType<ShapeValue>(GraphText.ParseValue(text)).Value;
}
