using TransformFramework.Graphs;
using TransformFramework.Tests.Shared;

namespace TransformFramework.Abstractions.Tests.Graphs;

public class GraphTests
{
    private static readonly Graph Sample = GraphText.Parse("""
        versions {producer=7}
        a = Placeholder()
        b = Op(a, a:1, ^a, gone)
        a = Const()
        c = Op(b, ^gone)
        library !0801
        graph !0801
        """);

    [Fact]
    public void The_last_node_of_a_name_is_found()
    {
        Assert.Equal("Const", Sample.Find("a")!.Op);
        Assert.True(Sample.TryFind("a", out Node? node) && node.Op == "Const");
        Assert.Null(Sample.Find("gone"));
    }

    [Theory]
    [InlineData("a", "b0 b1 b2")]
    [InlineData("gone", "b3 c1")]
    [InlineData("c", "")]
    public void Consumers_are_every_entry_in_graph_order(string name, string expected) =>
        Assert.Equal(expected, string.Join(' ', Sample.ConsumersOf(name).Select(consumer => consumer.Node.Name + consumer.Input)));

    [Fact]
    public void What_changes_nothing_gives_the_same_instance()
    {
        Assert.Same(Sample, Sample.Select(node => node));
        Assert.Same(Sample, Sample.Where(_ => true));
        Assert.Same(Sample, Sample.WithFunctions(Sample.Functions));
        Assert.Same(Sample, Sample.WithVersions(Sample.Versions));
    }

    [Fact]
    public void Other_nodes_keep_library_versions_and_unknown_fields()
    {
        Graph changed = Sample.Where(node => node.Name != "a");
        Assert.Equal("""
            versions {producer=7}
            b = Op(a, a:1, ^a, gone)
            c = Op(b, ^gone)
            library !0801
            graph !0801

            """, GraphText.Print(changed));
    }

    [Fact]
    public void An_edit_replaces_removes_and_adds_at_once()
    {
        var edit = new GraphEdit().Replace(Sample.Nodes[1], new Node("b1", "X"), new Node("b2", "X")).Remove(Sample.Nodes[2]).Add(new Node("d", "Y"));
        Assert.Equal("a b1 b2 c d", string.Join(' ', Sample.Apply(edit).Nodes.Select(node => node.Name)));
        Assert.Equal(2, edit.Touched.Count);
        Assert.True(new GraphEdit().IsEmpty);
    }

    [Fact]
    public void An_edit_addresses_nodes_by_identity()
    {
        Node equal = Sample.Nodes[0] with { };
        Assert.Equal(Sample.Nodes[0], equal);
        Assert.Throws<ArgumentException>(() => Sample.Apply(new GraphEdit().Remove(equal)));
        Assert.Throws<ArgumentException>(() => new GraphEdit().Remove(equal).Remove(equal));
    }

    [Fact]
    public void A_node_that_occurs_twice_does_not_hide_one_that_is_missing()
    {
        var node = new Node("x", "X");
        Graph graph = new([node, node]);
        Assert.Empty(graph.Apply(new GraphEdit().Remove(node)).Nodes);
        Assert.Throws<ArgumentException>(() => graph.Apply(new GraphEdit().Remove(node).Remove(new Node("y", "Y"))));
    }

    [Fact]
    public void A_hundred_thousand_nodes_are_printed_and_read_and_edited()
    {
        const int Count = 100_000;
        Graph chain = new([.. Enumerable.Range(0, Count).Select(i => new Node($"n{i}", "Op", $"n{i - 1}", $"^n{i / 2}").With("T", DataType.Float))]);
        Graph read = GraphText.Parse(GraphText.Print(chain));
        Assert.True(RandomGraphs.AreEqual(chain, read));
        var edit = new GraphEdit();
        foreach (Node node in read.Nodes)
            edit.Replace(node, node with { Op = $"{read.ConsumersOf(node).Length}" });
        Assert.Equal("3", read.Apply(edit).Nodes[7].Op);
    }
}
