using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Classic;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization;

/// <summary>
/// Replaces ranges that are found anew in every run by constants from a log of earlier runs.
/// <code>
/// r = RequantizationRange(q, min, max)      →      r/frozen_min = Const() {value=…}
/// y = Requantize(q, min, max, r, r:1)              r/frozen_max = Const() {value=…}
///                                                  y = Requantize(q, min, max, r/frozen_min, r/frozen_max)
/// </code>
/// The log is what a graph prints after <c>insert_logging(op=RequantizationRange, show_name=true, message="__requant_min_max:")</c>. Of the n logged minima the one at min_percentile
/// counts, of the maxima the one at 100 - max_percentile. Ranges that the log does not name stay. In a loop, without --verbatim, the constants get a control input, so that they belong to the loop. Run strip_unused_nodes afterwards.
/// </summary>
[Transform("freeze_requantization_ranges", Summary = "Replaces dynamic ranges by constants from a log.", IsClassic = true, IsLossy = true)]
public sealed class FreezeRequantizationRanges : Transform<FreezeRequantizationRanges.Options>
{
    public sealed record Options
    {
        [Option("min_max_log_file", "The log.")]
        public string MinMaxLogFile { get; init; } = "";

        [Option("min_percentile", "Percentage of the smallest minima to leave out.")]
        public float MinPercentile { get; init; } = 5f;

        [Option("max_percentile", "Percentage of the largest maxima to leave out.")]
        public float MaxPercentile { get; init; } = 5f;
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        if (options.MinMaxLogFile.Length == 0)
            throw new TransformException(StatusKind.InvalidArgument, "You must pass a file name to min_max_log_file") { Suggestion = "A log is what a run prints after insert_logging(op=RequantizationRange, show_name=true, message=\"__requant_min_max:\")." };
        var ranges = Ranges(options, context);
        Check(graph, ranges.Keys);
        var frames = context.IsVerbatim ? [] : LoopFrames.Of(graph, out _);
        var renames = new Dictionary<string, string>(StringComparer.Ordinal);
        var floors = context.IsVerbatim ? [] : Floors(graph);
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        foreach (Node node in graph.Nodes)
        {
            if (node.Op != "RequantizationRange" || !ranges.TryGetValue(node.Name, out var range))
            {
                nodes.Add(node);
                continue;
            }
            ImmutableArray<NodeInput> controls = ControlsOf(node, isInLoop: frames.GetValueOrDefault(node.Name, "").Length > 0, context);
            float max = floors.TryGetValue(node.Name, out var floor) ? MathF.Max(range.Max, floor.LeastMax) : range.Max;
            nodes.AddRange(Constant(node, "frozen_min", range.Min, controls), Constant(node, "frozen_max", max, controls));
            if (floor.Name is not null)
                renames[floor.Name + ":0"] = node.Name + "/frozen_max:0";
            renames[node.Name + ":0"] = node.Name + "/frozen_min:0";
            renames[node.Name + ":1"] = node.Name + "/frozen_max:0";
            if (!context.IsVerbatim)
                renames["^" + node.Name] = "^" + node.Name + "/frozen_min";
            context.Count("ranges frozen");
        }
        return InputRenaming.Apply(graph.WithNodes(nodes.ToImmutable()), renames).AsNodesOnly(context);
    }

    /// <summary>The Maximum by which quantize_nodes takes zero into the range of a node, and the least upper end that it sets.</summary>
    private static Dictionary<string, (string Name, float LeastMax)> Floors(Graph graph)
    {
        var floors = new Dictionary<string, (string, float)>(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes.Where(node => node is { Op: "Maximum", Inputs.Length: 2 } && node.Inputs[0].Canonical.EndsWith(":1", StringComparison.Ordinal)))
        {
            if (graph.Find(node.Inputs[1].Node)?.TensorAttribute("value") is { Type: DataType.Float, IsDecodable: true, ElementCount: 1 } least)
                floors[node.Inputs[0].Node] = (node.Name, least.AsSpan<float>()[0]);
        }
        return floors;
    }

    private static Node Constant(Node node, string name, float value, ImmutableArray<NodeInput> controls) => Node.Constant($"{node.Name}/{name}", Tensor.Scalar(value)) with { Inputs = controls };

    /// <summary>In a loop a constant without inputs would be outside, where the nodes of the loop cannot read it.</summary>
    private static ImmutableArray<NodeInput> ControlsOf(Node node, bool isInLoop, TransformContext context) =>
        context.IsVerbatim ? [] : isInLoop ? [NodeInput.Control(node.Inputs[0].Node), .. node.ControlInputs] : [.. node.ControlInputs];

    private static Dictionary<string, (float Min, float Max)> Ranges(Options options, TransformContext context)
    {
        using Stream stream = context.OpenFile(options.MinMaxLogFile);
        var records = new Dictionary<string, (List<float> Mins, List<float> Maxs)>(StringComparer.Ordinal);
        int skipped = 0;
        foreach (var (name, min, max) in RangeLog.Read(stream, () => skipped++))
        {
            if (!records.TryGetValue(name, out var found))
                records[name] = found = ([], []);
            found.Mins.Add(min);
            found.Maxs.Add(max);
        }
        if (skipped > 0)
            context.Report(QuantizationDiagnostics.RangeLinesSkipped.With(skipped, options.MinMaxLogFile));
        if (records.Count == 0)
            throw new TransformException(StatusKind.InvalidArgument, "No min/max range logs were found in the log file") { Suggestion = "Lines, which runs print to standard error, read '…;NAME__print__;__requant_min_max:[MIN][MAX]'." };
        return records.ToDictionary(record => record.Key, record => Pick(record.Key, record.Value.Mins, record.Value.Maxs, options, context), StringComparer.Ordinal);
    }

    private static (float Min, float Max) Pick(string name, List<float> mins, List<float> maxs, Options options, TransformContext context)
    {
        mins.Sort();
        maxs.Sort();
        int count = mins.Count;
        int low = Math.Max(0, (int)MathF.Round(count * (options.MinPercentile / 100f), MidpointRounding.AwayFromZero));
        int high = Math.Min(count - 1, (int)MathF.Round(count * (1f - (options.MaxPercentile / 100f)), MidpointRounding.AwayFromZero));
        if (low >= count || high < 0)
            throw new TransformException(StatusKind.Aborted, $"min_percentile={options.MinPercentile} and max_percentile={options.MaxPercentile} leave none of the {count} ranges of '{name}'", name);
        if (!context.IsVerbatim && !(mins[low] <= maxs[high]))
            throw new TransformException(StatusKind.InvalidArgument, $"the log gives '{name}' the range {mins[low]} to {maxs[high]}", name) { Suggestion = "Use smaller percentiles, or log again." };
        return (mins[low], maxs[high]);
    }

    private static void Check(Graph graph, IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (!graph.TryFind(name, out var node))
                throw new TransformException(StatusKind.InvalidArgument, "Nodes were found in the log file that aren't present in the graph", name);
            if (node.Op != "RequantizationRange")
                throw new TransformException(StatusKind.InvalidArgument, $"Node is expected to be a RequantizationRange op: {name}, but is: {node.Op}", name);
        }
    }
}
