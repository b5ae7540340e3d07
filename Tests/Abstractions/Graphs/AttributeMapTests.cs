using CsCheck;
using TransformFramework.Graphs;
using TransformFramework.Tests.Shared;

namespace TransformFramework.Abstractions.Tests.Graphs;

public class AttributeMapTests
{
    [Fact]
    public void Names_are_in_the_order_of_their_utf8_bytes()
    {
        var map = AttributeMap.Of(("b", 1), ("\uFFFD", 2), ("a", 3), ("😀", 4), ("ab", 5), ("", 6));
        Assert.Equal(["", "a", "ab", "b", "\uFFFD", "😀"], map.Keys);
    }

    [Fact]
    public void Any_order_and_way_of_building_gives_the_same_map() =>
        Gen.Select(RandomGraphs.Names, Gen.Int[0, 9]).Array[0, 8].Sample(entries =>
        {
            AttributeMap created = AttributeMap.Of(entries.Select(entry => (entry.Item1, (AttributeValue)entry.Item2)));
            AttributeMap added = entries.Aggregate(AttributeMap.Empty, (map, entry) => map.With(entry.Item1, entry.Item2));
            var last = entries.GroupBy(entry => entry.Item1).ToDictionary(group => group.Key, group => (AttributeValue)group.Last().Item2);
            return created.Equals(added) && created.GetHashCode() == added.GetHashCode() && created.Count == last.Count
                && last.All(entry => created[entry.Key].Equals(entry.Value)) && last.Keys.Aggregate(created, (map, name) => map.Without(name)).Equals(AttributeMap.Empty);
        });

    [Fact]
    public void Missing_names()
    {
        Assert.False(AttributeMap.Empty.TryGetValue("a", out _));
        Assert.False(AttributeMap.Empty.ContainsKey("a"));
        Assert.Throws<KeyNotFoundException>(() => AttributeMap.Empty["a"]);
        Assert.Same(AttributeMap.Empty, AttributeMap.Empty.Without("a"));
    }

    [Theory]
    [InlineData("1", "1", true)]
    [InlineData("1", "1.0", false)]
    [InlineData("0.0", "-0.0", false)]
    [InlineData("nan", "nan", true)]
    [InlineData("nan", "nan(0x7fc00001)", false)]
    [InlineData("\"a\"", "\"a\"", true)]
    [InlineData("[1,2]", "[1,2]", true)]
    [InlineData("[1,2]", "[2,1]", false)]
    [InlineData("unset", "[]", false)]
    [InlineData("@f{T=float}", "@f{T=float}", true)]
    [InlineData("@f{T=float}", "@f", false)]
    [InlineData("$T", "@T", false)]
    [InlineData("1 !0801", "1", false)]
    [InlineData("[1; !0801]", "[1]", false)]
    [InlineData("(1,2)", "(1,2)", true)]
    [InlineData("float[2] values{1}", "float[2]{1, 1}", false)]
    public void Equality_of_values_is_by_what_is_stored(string left, string right, bool expected)
    {
        AttributeValue a = GraphText.ParseValue(left);
        AttributeValue b = GraphText.ParseValue(right);
        Assert.Equal(expected, a.Equals(b));
        if (expected)
            Assert.Equal(a.GetHashCode(), b.GetHashCode());
    }
}
