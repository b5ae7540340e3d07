using TransformFramework.Graphs;
using TransformFramework.Structure.Surgery;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Structure.Tests;

public sealed class MergeGraphsTests
{
    private const string First = "x = Placeholder() {dtype=float}\ny = Relu(x) {T=float}";
    private const string Second = "in = Placeholder() {dtype=float}\nz = Softmax(in, ^in) {T=float}";

    [Fact]
    public void The_second_graph_reads_the_first() =>
        Test(Second, "in=y").Check(First, First + "\nsecond/z = Softmax(y, ^y) {T=float}");

    [Fact]
    public void Text_is_read_too()
    {
        var test = new TransformTest(new MergeGraphs(), new MergeGraphs.Options { GraphFile = "s.pbtxt", Connect = ["in=y"] }) { Files = new() { ["s.pbtxt"] = "node { name: \"in\" op: \"Placeholder\" } node { name: \"z\" op: \"Neg\" input: \"in\" }"u8.ToArray() } };
        test.Check(First, First + "\nsecond/z = Neg(y)");
    }

    [Theory]
    [InlineData(Second, "in", "is no connection")]
    [InlineData(Second, "q=y", "no node 'q'")]
    [InlineData(Second, "in=q", "no node 'q'")]
    [InlineData(Second, "z=y", "is no input")]
    [InlineData("in = Placeholder() {dtype=int32}", "in=y", "'y' is float, the input 'in' is int32")]
    public void Wrong_connections_are_errors(string second, string connection, string message) =>
        Assert.Contains(message, Test(second, connection).Fails(First).Message, StringComparison.Ordinal);

    [Fact]
    public void Names_that_both_have_are_an_error() =>
        Assert.Contains("both graphs have a node named 'x'", Test("in = Placeholder() {dtype=float}\nx = Neg(in)", "in=y", scope: "").Fails(First).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_no_graph_is_named() =>
        Assert.Contains("'s.pb' is no GraphDef", new TransformTest(new MergeGraphs(), new MergeGraphs.Options { GraphFile = "s.pb", Connect = [] }) { Files = new() { ["s.pb"] = [0x0A, 0xFF] } }.Fails(First).Message, StringComparison.Ordinal);

    private static TransformTest Test(string second, string connection, string scope = "second")
    {
        using var file = new MemoryStream();
        GraphDefWriter.Write(GraphText.Parse(second), file);
        return new(new MergeGraphs(), new MergeGraphs.Options { GraphFile = "s.pb", Connect = [connection], Scope = scope }) { Files = new() { ["s.pb"] = file.ToArray() } };
    }

    [Fact]
    public void Loops_and_tables_of_one_name_stay_apart()
    {
        const string Loop = "e = Enter(in) {T=float, frame_name=\"loop\"}\nt = HashTableV2() {shared_name=\"table\", key_dtype=string, value_dtype=int64}\nz = Exit(e) {T=float}";
        string merged = Test("in = Placeholder() {dtype=float}\n" + Loop, "in=y").Run(First + "\n" + Loop.Replace("(in)", "(y)", StringComparison.Ordinal));
        Assert.Contains("frame_name=\"loop\"", merged, StringComparison.Ordinal);
        Assert.Contains("frame_name=\"second/loop\"", merged, StringComparison.Ordinal);
        Assert.Contains("shared_name=\"second/table\"", merged, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("in=y", "connected twice")]
    [InlineData("in=^y", "no node '^y'")]
    public void An_input_has_one_tensor(string connection, string message)
    {
        using var file = new MemoryStream();
        GraphDefWriter.Write(GraphText.Parse(Second), file);
        var test = new TransformTest(new MergeGraphs(), new MergeGraphs.Options { GraphFile = "s.pb", Connect = [connection, connection] }) { Files = new() { ["s.pb"] = file.ToArray() } };
        Assert.Contains(message, test.Fails(First).Message, StringComparison.Ordinal);
    }
}
