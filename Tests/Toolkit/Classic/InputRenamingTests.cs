using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Tests.Classic;

public sealed class InputRenamingTests
{
    [Theory]
    [InlineData("x:*", "y", "y = Op(x, x:1, ^x)", "y = Op(y, y:1, ^y)")]
    [InlineData("x", "y:2", "n = Op(x, x:0, x:1, ^x)", "n = Op(y:2, y:2, x:1, ^x)")]
    [InlineData("x:1", "y", "n = Op(x, x:1)", "n = Op(x, y)")]
    [InlineData("^x", "^y", "n = Op(x, ^x)", "n = Op(x, ^y)")]
    public void Redirects_inputs(string source, string destination, string before, string after) =>
        Assert.Equal(after, Rename(before, (source, destination)));

    [Fact]
    public void Follows_chains_to_their_end() => Assert.Equal("n = Op(z)", Rename("n = Op(x)", ("x", "y"), ("y", "z")));

    [Fact]
    public void A_circle_is_an_error()
    {
        var error = Assert.Throws<TransformException>(() => Rename("n = Op(x)", ("x", "y"), ("y", "x")));
        Assert.Equal("RenameNodeInputs argument contains a cycle for x", error.Message);
    }

    [Fact]
    public void Ignored_nodes_keep_their_inputs()
    {
        Graph renamed = InputRenaming.Apply(GraphText.Parse("a = Op(x)\nb = Op(x)"), [new("x", "y")], new HashSet<string> { "a" });
        Assert.Equal("a = Op(x)\nb = Op(y)", GraphText.Print(renamed).Trim());
    }

    private static string Rename(string graph, params (string Source, string Destination)[] renames) =>
        GraphText.Print(InputRenaming.Apply(GraphText.Parse(graph), renames.Select(rename => KeyValuePair.Create(rename.Source, rename.Destination)))).Trim();
}
