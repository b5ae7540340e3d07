using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Workflows.Tests.Reports;

/// <summary>Reports of made-up runs.</summary>
internal static class SampleReports
{
    private const string Before = """
        x = Placeholder() {dtype=float, shape=(?,4)}
        net/w = Const() {dtype=float, value=float[4,2]{1, 2, 3, 4, 5, 6, 7, 8}}
        net/drop = Identity(x) {T=float}
        net/mul = MatMul(net/drop, net/w) {T=float}
        net/y = Relu(net/mul) {T=float}
        """;

    private const string After = """
        x = Placeholder() {dtype=float, shape=(?,4)}
        net/w = Const() {dtype=float, value=float[4,2]{1, 2, 3, 4, 5, 6, 7, 9}}
        net/mul = MatMul(x, net/w) {T=float}
        net/y = Relu(net/mul) {T=float}
        net/z = Identity(net/y) {T=float}
        """;

    /// <summary>Every part of a report, with text that would be markup.</summary>
    public static Report Full
    {
        get
        {
            var history = new GraphHistory(GraphText.Parse(Before));
            history.Add(GraphText.Parse(Before));
            history.Add(GraphText.Parse(After));
            return new()
            {
                Command = "quantize",
                CommandLine = "transform_graph quantize --in_graph='</script><b>.pb'",
                Script = "remove_device\nquantize(ranges=\"a\")",
                InGraph = "folder/</script><b>.pb",
                OutGraph = "small.pb",
                BytesRead = 1000,
                BytesWritten = 300,
                Summary = [new("Size", "1.0 kB → 300 B", "30 %")],
                Check = new(2, 0.001),
                Steps = [Step("remove_device"), Step("quantize") with { Diagnostics = [new("TFX2032", "warning", "a & b < c", "net/y", 1, 2, "Do this.")], Explanations = [new("net/y", "because")] }],
                Diagnostics = [new("TFX4106", "warning", "no outputs", null, null, null, null)],
                Graph = history.ToReport(["x"], ["net/y"]),
                Layers = [Layer("net/mul", 12.5), Layer("net/y", null)],
                Accuracy = new([new("float", 10, 9, 10, AccuracyReport.Interval(9, 10)), new("8 bits", 10, 8, 10, AccuracyReport.Interval(8, 10))], 9, new([0, 1], 3, [[5, 1], [0, 4]]), [new(3, 1, 0, 1, -0.5, null)]),
                Timings = [new("float", 2, [2, 2.1], [new("net/mul", "MatMul", 1.5, 8), new("net/y", "Relu", 0.5, 8)]), new("8 bits", 1, [1], [new("net/mul", "MatMul", 1, 8)])],
                Candidates = [new("0 of 2 layers in float", 20, 1.5, Chosen: true), new("only net/mul in 8 bits", null, null, Chosen: false)],
            };
        }
    }

    /// <summary>A graph of many nodes: flat, or in nested groups.</summary>
    public static Report Large(int nodes, bool isNested)
    {
        var graph = ImmutableArray.CreateBuilder<ReportNode>(nodes);
        for (int i = 0; i < nodes; i++)
            graph.Add(new(Name(i), i % 3 == 0 ? "Conv2D" : "Relu", i == 0 ? [] : i % 7 == 0 && i > 20 ? [Name(i - 1), Name(i - 20)] : [Name(i - 1)], "float", 0, "T = float", 0, i % 10 == 0 ? 1 : 0));
        for (int i = 0; i < nodes; i++)
        {
            if (i % 10 != 0)
                graph.Add(graph[i] with { First = 1, Last = 1, Op = "Relu6" });
        }
        return new() { Command = "transform", CommandLine = "transform_graph", InGraph = "large.pb", Graph = new(2, [Name(0)], [Name(nodes - 1)], graph.ToImmutable()) };

        string Name(int i) => isNested ? $"net/block{i / 500}/unit{i / 25}/node{i}" : $"node{i}";
    }

    private static ReportStep Step(string transform) => new() { Transform = transform, NodesBefore = 5, NodesAfter = 5, BytesBefore = 1000, BytesAfter = 300, Milliseconds = 1.25, Statistics = ImmutableSortedDictionary<string, long>.Empty.Add("nodes_removed", 1) };

    private static ReportLayer Layer(string name, double? sqnr) => new() { Name = name, Op = "MatMul", SqnrDb = sqnr, MaxAbsError = sqnr is null ? 0 : 0.5, Range = new(-1, 2), Histogram = new(-1, 2, Magnitudes: false, [1, 5, 2], [1, 4, 3]) };
}
