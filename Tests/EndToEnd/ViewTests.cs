using System.Xml.Linq;
using TransformFramework.Graphs;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>A graph, or what is around a node, as text that reads back and as drawings.</summary>
public sealed class ViewTests
{
    [Fact]
    public void Whole_text_reads_back_as_the_same_graph()
    {
        using var folder = new TemporaryFolder();
        ProgramResult text = ProgramRunner.Run("view", Repository.Digits, "--as=gtxt");
        File.WriteAllText(folder["digits.gtxt"], text.Output);
        ProgramResult result = ProgramRunner.Run("diff", Repository.Digits, folder["digits.gtxt"]);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal(text.Output, ProgramRunner.Run("view", folder["digits.gtxt"], "--as=gtxt").Output);
    }

    [Fact]
    public void Malformed_text_is_named_with_its_place()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["bad.gtxt"], "x = Placeholder() {dtype=float}\ny = Relu(x\n");
        ProgramResult result = ProgramRunner.Run("summarize", folder["bad.gtxt"]);
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("bad.gtxt:3:1: expected", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "DigitsNet/Unit_2/add")]
    [InlineData(1, "DigitsNet/MaxPool_1/MaxPool, DigitsNet/Unit_2/Relu6, DigitsNet/Unit_2/add, DigitsNet/Unit_2/conv2/BatchNorm/FusedBatchNorm")]
    public void Around_a_node_are_those_so_many_edges_away(int depth, string expected)
    {
        Graph part = GraphText.Parse(ProgramRunner.Run("view", Repository.Digits, "--around=DigitsNet/Unit_2/add", $"--depth={depth}", "--as=gtxt").Output);
        Assert.Equal(expected.Split(", "), part.Nodes.Select(node => node.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_image_has_a_box_a_node_and_an_arrow_an_edge()
    {
        XDocument drawing = XDocument.Parse(ProgramRunner.Run("view", Repository.Digits, "--around=DigitsNet/Unit_2/add", "--depth=1", "--as=svg").Output);
        Assert.Equal(4, drawing.Descendants().Count(element => element.Name.LocalName == "g"));
        Assert.Equal(3, drawing.Descendants().Count(element => element.Name.LocalName == "path" && element.Attribute("marker-end") is not null));
    }

    [Fact]
    public void Dot_lists_nodes_and_edges()
    {
        string dot = ProgramRunner.Run("view", Repository.Digits, "--around=DigitsNet/Unit_2/add", "--depth=1", "--as=dot").Output;
        Assert.StartsWith("digraph {", dot, StringComparison.Ordinal);
        Assert.Contains("\"DigitsNet/MaxPool_1/MaxPool\" -> \"DigitsNet/Unit_2/add\";", dot, StringComparison.Ordinal);
        Assert.Contains("\"DigitsNet/Unit_2/add\" [label=\"Add\\nDigitsNet/Unit_2/add\"];", dot, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--as=drawing", "there is no 'drawing'")]
    [InlineData("--around=DigitsNet/Unit_2/ad", "Did you mean 'DigitsNet/Unit_2/add'?")]
    public void What_is_not_there_is_named(string option, string message)
    {
        ProgramResult result = ProgramRunner.Run("view", Repository.Digits, option);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_of_a_graph_is_a_report() => Assert.Contains("id=\"report\"", ProgramRunner.Run("view", Repository.Digits, "--as=html").Output, StringComparison.Ordinal);
}
