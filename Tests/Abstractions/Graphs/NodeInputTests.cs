using TransformFramework.Graphs;

namespace TransformFramework.Abstractions.Tests.Graphs;

public class NodeInputTests
{
    [Theory]
    [InlineData("foo", false, "foo", "", 0, "foo:0")]
    [InlineData("foo/bar", false, "foo/bar", "", 0, "foo/bar:0")]
    [InlineData("foo:0", false, "foo", ":0", 0, "foo:0")]
    [InlineData("foo:3", false, "foo", ":3", 3, "foo:3")]
    [InlineData("^foo", true, "foo", "", -1, "^foo:0")]
    [InlineData("^foo:99", true, "foo", ":99", -1, "^foo:99")]
    [InlineData("a:b:c", false, "a", ":b", -1, "a:b")]
    [InlineData("a:99999999999", false, "a", ":99999999999", -1, "a:99999999999")]
    [InlineData("", false, "", "", 0, ":0")]
    [InlineData("^", true, "", "", -1, "^:0")]
    [InlineData(":", false, "", ":", -1, ":")]
    [InlineData("^:1", true, "", ":1", -1, "^:1")]
    public void Parts_of_an_entry(string text, bool isControl, string node, string suffix, int port, string canonical)
    {
        NodeInput input = text;
        Assert.Equal((isControl, node, suffix, port, canonical), (input.IsControl, input.Node, input.Suffix, input.Port, input.Canonical));
    }

    [Theory]
    [InlineData("x", "y")]
    [InlineData("x:2", "y:2")]
    [InlineData("^x", "^y")]
    public void Another_node_keeps_prefix_and_port(string text, string expected) => Assert.Equal(expected, new NodeInput(text).WithNode("y").Text);

    [Fact]
    public void References_are_spelt_without_port_zero() =>
        Assert.Equal(["x", "x:1", "^x"], [NodeInput.Data("x").Text, NodeInput.Data("x", 1).Text, NodeInput.Control("x").Text]);
}
