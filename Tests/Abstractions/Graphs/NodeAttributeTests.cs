using TransformFramework.Graphs;

namespace TransformFramework.Abstractions.Tests;

public sealed class NodeAttributeTests
{
    private static readonly Node Conv = Assert.Single(GraphText.Parse("""
        c = Conv2D() {T=half, alpha=0.5, padding="SAME", groups=3, exact=true, shape=(?,2), value=int32[2]{1,2}, strides=[1,2,2,1], names=["a","b"], f=@g}
        """).Nodes);

    [Fact]
    public void Reads_every_kind()
    {
        Assert.Equal(DataType.Half, Conv.Type("T"));
        Assert.Equal(0.5f, Conv.Float("alpha"));
        Assert.Equal("SAME", Conv.String("padding"));
        Assert.Equal(3, Conv.Long("groups"));
        Assert.True(Conv.Bool("exact"));
        Assert.Equal("[?,2]", Conv.Shape("shape").ToString());
        Assert.Equal(2, Conv.Tensor("value").ElementCount);
        Assert.Equal<long>([1, 2, 2, 1], Conv.LongList("strides"));
        Assert.Equal<string>(["a", "b"], Conv.StringList("names"));
    }

    [Fact]
    public void Refuses_an_absent_one_by_the_names_of_node_and_attribute() =>
        Assert.Equal("attribute 'epsilon' of node 'c' (Conv2D) is absent", Assert.Throws<AttributeException>(() => Conv.Float("epsilon")).Message);

    [Fact]
    public void Refuses_another_kind_by_name() =>
        Assert.Equal("attribute 'padding' of node 'c' (Conv2D) has a value of kind Bytes", Assert.Throws<AttributeException>(() => Conv.Bool("padding")).Message);

    [Fact]
    public void Refuses_a_list_of_another_kind_by_name() =>
        Assert.Equal("attribute 'strides' of node 'c' (Conv2D) has a value of kind list of Int", Assert.Throws<AttributeException>(() => Conv.StringList("strides")).Message);

    [Theory]
    [InlineData("epsilon")]
    [InlineData("padding")]
    public void Gives_the_other_value_for_one_that_is_absent_or_of_another_kind(string name)
    {
        Assert.Equal(1e-4f, Conv.Float(name, 1e-4f));
        Assert.False(Conv.TryFloat(name, out float value));
        Assert.Equal(0, value);
        Assert.False(Conv.TryLongList(name, out var list));
        Assert.Empty(list);
    }
}
