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
    public void Every_bfloat16_reads_back_with_its_bits_from_four_digits_at_most()
    {
        byte[] bytes = [.. Enumerable.Range(0, 1 << 16).SelectMany(bits => BitConverter.GetBytes((ushort)bits))];
        AttributeValue value = new TensorValue(Tensor.FromContent(DataType.BFloat16, TensorShape.Of(1 << 16), bytes));
        string text = GraphText.Print(value);
        Assert.Equal(value, GraphText.ParseValue(text));
        var finite = text[(text.IndexOf('{', StringComparison.Ordinal) + 1)..^1].Split(", ").Where(element => !element.Contains('n', StringComparison.Ordinal));
        Assert.All(finite, element => Assert.InRange(element.Split('E')[0].Trim('-').Replace(".", "", StringComparison.Ordinal).Trim('0').Length, 0, 4));
    }

    [Fact]
    public void Text_of_a_node_is_one_line() =>
        RandomGraphs.Nodes.Sample(node => !GraphText.Print(node).Contains('\n') && GraphText.ParseNode(GraphText.Print(node)).Equals(node), iter: 5_000);
}
