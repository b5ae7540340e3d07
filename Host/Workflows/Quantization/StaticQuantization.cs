using System.Collections.Immutable;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Calibration;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Quantization;

/// <summary>The way from a float graph to a static 8-bit one: prepare, calibrate, quantize. Ranges stay in memory until both are saved.</summary>
/// <param name="catalog">The plugins.</param>
/// <param name="backend">Runs graphs.</param>
/// <param name="inputs">Names of the inputs.</param>
/// <param name="outputs">Names of what the graph is run for.</param>
/// <param name="graphPath">The graph file to write; its ranges lie beside it.</param>
/// <param name="print">Receives what Print nodes of the graph write.</param>
/// <param name="cancellation">Ends a run.</param>
public sealed class StaticQuantization(PluginCatalog catalog, IBackend backend, ImmutableArray<string> inputs, ImmutableArray<string> outputs, string graphPath, Action<string> print, CancellationToken cancellation)
{
    /// <summary>The file of the graph's ranges.</summary>
    public string RangesPath => graphPath + ".ranges";

    /// <summary>The script with further arguments of quantize, each with a comma before it.</summary>
    /// <exception cref="ScriptException">The arguments are not ones of a script.</exception>
    public QuantizationScript Script(bool equalizes, string arguments) => new(RangesPath, equalizes, arguments);

    /// <summary>The graph before calibration.</summary>
    /// <exception cref="PipelineException">A step fails.</exception>
    public PipelineResult Prepare(Graph graph, QuantizationScript script) => Run(graph, script, script.Preparation, ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty);

    /// <summary>Finds the ranges of the prepared graph.</summary>
    /// <exception cref="FeedException">A sample cannot be read, or there is none.</exception>
    public RangeFile Calibrate(Graph prepared, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples)
    {
        RangeFile ranges = CalibrationRun.Run(backend, prepared, outputs, samples, print, cancellation);
        return ranges.Samples > 0 ? ranges : throw new FeedException("there are no samples");
    }

    /// <summary>What the file of ranges holds.</summary>
    public static ReadOnlyMemory<byte> ContentOf(RangeFile ranges)
    {
        using var content = new MemoryStream();
        ranges.Write(content);
        return content.ToArray();
    }

    /// <summary>The integer graph of a prepared one.</summary>
    /// <param name="prepared">The prepared graph.</param>
    /// <param name="ranges">What the file of its ranges holds, see <see cref="ContentOf"/>.</param>
    /// <param name="script">The script.</param>
    /// <exception cref="PipelineException">A step fails.</exception>
    public PipelineResult Quantize(Graph prepared, ReadOnlyMemory<byte> ranges, QuantizationScript script) =>
        Run(prepared, script, script.Quantization, ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty.Add(RangesPath, ranges));

    /// <summary>Writes the graph and its ranges; neither when one cannot be written.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="ranges">Its ranges.</param>
    /// <param name="release">Closes the model that may lie at the graph's path.</param>
    /// <returns>Number of bytes of the graph.</returns>
    /// <exception cref="ModelFiles.ModelFormatException">A file cannot be written.</exception>
    public long Save(Graph graph, RangeFile ranges, Action release) => ModelFile.Save(graph, graphPath, asText: false, cancellation, () =>
    {
        AtomicFile.Write(RangesPath, ranges.Write, beforeReplace: null);
        release();
    });

    private PipelineResult Run(Graph graph, QuantizationScript script, Script calls, ImmutableDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var options = new PipelineOptions { InputNames = inputs, OutputNames = outputs, Files = files };
        PipelineResult result = new TransformPipeline(catalog).Run(graph, calls, options, cancellation);
        return result.Failure is not { } failure
            ? result
            : throw new PipelineException(failure, script.Source);
    }
}
