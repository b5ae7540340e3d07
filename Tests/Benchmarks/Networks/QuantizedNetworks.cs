using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Calibration;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>The 8-bit versions of a network: by the transform quantize, with ranges calibrated on its noise, and by the original's transforms, with ranges found in each run.</summary>
/// <param name="network">The float network.</param>
/// <param name="folder">Receives the file of ranges.</param>
internal sealed class QuantizedNetworks(Network network, string folder)
{
    private const string Folding = "strip_unused_nodes fold_constants(ignore_errors=true) fold_norms";
    private const string Classic = "strip_unused_nodes remove_nodes(op=Identity, op=CheckNumerics) fold_constants(ignore_errors=true) fold_batch_norms fold_old_batch_norms quantize_weights quantize_nodes strip_unused_nodes sort_by_execution_order";

    private static readonly Lazy<PluginCatalog> Catalog = new(() => PluginCatalog.Discover([]));

    private Graph? folded;

    /// <summary>Integers from end to end, ranges constant.</summary>
    /// <param name="option">An option of the transform.</param>
    public Graph WithConstantRanges(string option)
    {
        folded ??= Transform(network.Graph, Folding);
        return Transform(folded, $"quantize(ranges=\"{Ranges(folded)}\", {option})");
    }

    /// <summary>What the original tool makes of the network.</summary>
    public Graph WithRangesOfTheRun() => Transform(network.Graph, Classic);

    /// <summary>Weights in 8 bits, data quantized in each run.</summary>
    public Graph InTheRun() => Transform(network.Graph, "quantize(dynamic=true)");

    private string Ranges(Graph graph)
    {
        string file = Path.Combine(folder, $"{network.Name}.ranges");
        if (File.Exists(file))
            return file;
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { [network.Input] = network.Noise() };
        RangeFile ranges = CalibrationRun.Run(Catalog.Value.Backend!, graph, [network.Output], [feeds], _ => { }, CancellationToken.None);
        using (FileStream stream = File.Create(file))
            ranges.Write(stream);
        return file;
    }

    private Graph Transform(Graph graph, string script)
    {
        var options = new PipelineOptions { InputNames = [network.Input], OutputNames = [network.Output] };
        PipelineResult result = new PipelineRunner(Catalog.Value).Run(graph, ScriptParser.Parse(script).Script!, options, CancellationToken.None);
        return result.Graph ?? throw new InvalidOperationException($"{network.Name}: {result.Failure?.Diagnostic.Message}");
    }
}
