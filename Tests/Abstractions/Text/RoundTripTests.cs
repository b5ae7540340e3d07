using CsCheck;
using TransformFramework.Graphs;
using TransformFramework.Tests.Shared;

namespace TransformFramework.Abstractions.Tests.Text;

public class RoundTripTests
{
    [Fact]
    public void Text_of_any_graph_reads_back_as_the_same_graph() =>
        RandomGraphs.Graphs.Sample(
            graph =>
            {
                string text = GraphText.Print(graph);
                Graph read = GraphText.Parse(text);
                return RandomGraphs.AreEqual(graph, read) && GraphText.Print(read) == text;
            },
            iter: 20_000,
            print: graph => GraphText.Print(graph));

    [Fact]
    public void Text_of_any_value_reads_back_as_the_same_value() =>
        RandomGraphs.Attributes.Sample(value => GraphText.ParseValue(GraphText.Print(value)).Equals(value), iter: 20_000, print: value => GraphText.Print(value));

    [Fact]
    public void Text_of_a_node_is_one_line() =>
        RandomGraphs.Nodes.Sample(node => !GraphText.Print(node).Contains('\n') && GraphText.ParseNode(GraphText.Print(node)).Equals(node), iter: 5_000);
}
