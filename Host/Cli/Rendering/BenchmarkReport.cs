using System.Globalization;
using TransformFramework.Workflows.Benchmarking;
using TransformFramework.Workflows.Inspection;

namespace TransformFramework.Cli.Rendering;

/// <summary>Shows measurements side by side, as text or for programs.</summary>
internal sealed class BenchmarkReport(IReadOnlyList<GraphMeasurement> graphs, string instructionSet, int threads)
{
    private const int LabelWidth = 22;
    private const int ColumnWidth = 20;

    private static readonly (TimeKind Kind, string Name)[] Kinds = [(TimeKind.Float, "float"), (TimeKind.EightBit, "8-bit"), (TimeKind.Conversion, "conversion"), (TimeKind.Other, "other")];

    /// <summary>Peak of the process's memory in bytes.</summary>
    public static long PeakBytes
    {
        get
        {
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }
    }

    /// <param name="output">Where it is written.</param>
    /// <param name="top">Nodes listed for each graph.</param>
    /// <param name="inRunOrder">Lists them in run order instead of the slowest first.</param>
    public void Print(TextWriter output, int top, bool inRunOrder)
    {
        output.WriteLine($"{threads} thread{(threads == 1 ? "" : "s")}{(instructionSet.Length > 0 ? $", {instructionSet}" : "")}, {graphs[0].Times.Count} timed runs{(graphs.Count > 1 ? " of each graph, by turns" : "")}");
        output.WriteLine();
        Row(output, "", graph => Shortened(graph.Name));
        Row(output, "file", graph => Size(graph.FileBytes));
        Row(output, "compile", graph => Time(graph.CompileMilliseconds));
        Row(output, "first run", graph => Time(graph.Warmup.First));
        string ratio = graphs.Count == 2 ? $"  {Number(graphs[0].Times.Median / graphs[1].Times.Median)} × as fast" : "";
        Row(output, "median", graph => Time(graph.Times.Median), ratio);
        Row(output, "p95", graph => Time(graph.Times.Percentile(0.95)));
        Row(output, "least", graph => Time(graph.Times.Least));
        Row(output, "mean ± deviation", graph => $"{Number(graph.Times.Mean)} ± {Time(graph.Times.Deviation)}");
        Row(output, "products", graph => $"{GraphSummary.Readable(graph.Flops)} FLOP");
        Row(output, "products per second", graph => $"{Number(graph.GigaflopsPerSecond)} GFLOP/s");
        Row(output, "allocated by a run", graph => Size(graph.AllocatedBytes));
        Row(output, "computed by a run", graph => Size(graph.Graph.Steps.Bytes));
        output.WriteLine();
        output.WriteLine("where the time goes");
        var shares = graphs.Select(graph => graph.ByKind()).ToList();
        foreach (var (kind, name) in Kinds.Where(kind => shares.Exists(share => share.ContainsKey(kind.Kind))))
            Row(output, $"  {name}", graph => Part(graph.ByKind().GetValueOrDefault(kind), graph));
        output.WriteLine();
        foreach (GraphMeasurement graph in graphs)
            PrintNodes(output, graph, top, inRunOrder);
        output.WriteLine($"peak memory of the process: {Size(PeakBytes)}");
    }

    /// <summary>The measurements as an object that serializes to JSON; times in milliseconds.</summary>
    public object ToReport() => new
    {
        schema_version = 1,
        instruction_set = instructionSet,
        threads,
        peak_bytes = PeakBytes,
        graphs = graphs.Select(graph => new
        {
            file = graph.File,
            file_bytes = graph.FileBytes,
            runs = graph.Times.Count,
            compile = graph.CompileMilliseconds,
            first_run = graph.Warmup.First,
            median = graph.Times.Median,
            p95 = graph.Times.Percentile(0.95),
            least = graph.Times.Least,
            greatest = graph.Times.Greatest,
            mean = graph.Times.Mean,
            standard_deviation = graph.Times.Deviation,
            flops = graph.Flops,
            gigaflops_per_second = graph.GigaflopsPerSecond,
            allocated_bytes = graph.AllocatedBytes,
            computed_bytes = graph.Graph.Steps.Bytes,
            by_kind = Kinds.ToDictionary(kind => kind.Name.Replace('-', '_'), kind => graph.ByKind().GetValueOrDefault(kind.Kind), StringComparer.Ordinal),
            by_type = graph.ByType().Select(type => new { op = type.Op, nodes = type.Nodes, calls = type.Calls, time = type.Milliseconds, bytes = type.Bytes }),
            nodes = graph.Graph.Steps.Nodes.Select(node => new { name = node.Node.Name, op = node.Node.Op, calls = Per(node.Calls, graph), start = node.Starts / node.Calls, time = Per(node.Milliseconds.Total, graph), bytes = Per(node.Bytes, graph) }),
        }),
    };

    private static void PrintNodes(TextWriter output, GraphMeasurement graph, int top, bool inRunOrder)
    {
        output.WriteLine($"{graph.Name}: by type of node");
        foreach (TypeTotal type in graph.ByType().Take(top))
            output.WriteLine($"  {type.Op.PadRight(LabelWidth + ColumnWidth - 2)} {Part(type.Milliseconds, graph)}  {type.Nodes} node{(type.Nodes == 1 ? "" : "s")}, {Size(type.Bytes)}");
        output.WriteLine($"{graph.Name}: {(inRunOrder ? "in run order" : "the slowest nodes")}");
        var nodes = inRunOrder ? graph.Graph.Steps.Nodes : graph.Graph.Steps.Nodes.OrderByDescending(node => node.Milliseconds.Total).Take(top);
        foreach (StepTotal node in nodes)
            output.WriteLine($"  {node.Node.Op.PadRight(LabelWidth + ColumnWidth - 2)} {Part(Per(node.Milliseconds.Total, graph), graph)}  {node.Node.Name}");
        output.WriteLine();
    }

    private void Row(TextWriter output, string label, Func<GraphMeasurement, string> value, string after = "") =>
        output.WriteLine(label.PadRight(LabelWidth) + string.Concat(graphs.Select(graph => value(graph).PadLeft(ColumnWidth))) + after);

    private static double Per(double total, GraphMeasurement graph) => total / graph.Graph.Steps.Runs;

    private static string Part(double milliseconds, GraphMeasurement graph) => string.Create(CultureInfo.InvariantCulture, $"{Time(milliseconds)} {100 * milliseconds / Math.Max(graph.Graph.Steps.Milliseconds, double.Epsilon),5:F1} %").PadLeft(ColumnWidth);

    private static string Shortened(string name) => name.Length < ColumnWidth ? name : string.Concat("…", name.AsSpan(name.Length - ColumnWidth + 2));

    private static string Time(double milliseconds) => $"{Number(milliseconds)} ms";

    private static string Size(double bytes) => bytes < 1024 ? string.Create(CultureInfo.InvariantCulture, $"{bytes:F0} B")
        : bytes < 1024 * 1024 ? $"{Number(bytes / 1024)} KiB" : $"{Number(bytes / 1024 / 1024)} MiB";

    private static string Number(double value) => value.ToString(value < 10 ? "F3" : value < 1000 ? "F2" : "F0", CultureInfo.InvariantCulture);
}
