using System.Collections.Immutable;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Files;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Calibration;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Quantization;

/// <summary>The way from a float graph to a static 8-bit one: prepare, calibrate, quantize. Ranges stay in memory until both are saved.</summary>
/// <param name="catalog">The plugins.</param>
/// <param name="backend">Runs graphs.</param>
/// <param name="inputs">Tensors of the inputs.</param>
/// <param name="outputs">Tensors that the graph is run for.</param>
/// <param name="target">The model to write; its ranges are beside it.</param>
/// <param name="print">Receives what Print nodes of the graph write.</param>
/// <param name="cancellation">Ends a run.</param>
public sealed class StaticQuantization(PluginCatalog catalog, IBackend backend, ImmutableArray<string> inputs, ImmutableArray<string> outputs, ModelOutput target, Action<string> print, CancellationToken cancellation)
{
    /// <summary>Runs graphs.</summary>
    public IBackend Backend => backend;

    /// <summary>Transforms whose declined nodes are recorded; empty for none, <c>*</c> for all.</summary>
    public ImmutableArray<string> Explain { get; init; } = [];

    /// <summary>Receives the graph after each step of a script; null reports nothing.</summary>
    public Action<Graph>? AfterStep { get; set; }

    /// <summary>Tensors of the inputs.</summary>
    public ImmutableArray<string> Inputs => inputs;

    /// <summary>Tensors that the graph is run for.</summary>
    public ImmutableArray<string> Outputs => outputs;

    /// <summary>Ends a run.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>The file of the graph's ranges.</summary>
    public string RangesPath => target.Path + ".ranges";

    /// <summary>The file of samples, where those given are in no file that a script can name.</summary>
    public string SamplesPath => target.Path + ".samples.npz";

    /// <summary>The script with further arguments of quantize, each with a comma before it.</summary>
    /// <exception cref="ScriptException">The arguments are not ones of a script.</exception>
    public QuantizationScript Script(bool equalizes, string arguments) => new(RangesPath, equalizes, arguments);

    /// <summary>The graph before calibration.</summary>
    /// <exception cref="PipelineException">A step fails.</exception>
    public PipelineResult Prepare(Graph graph, QuantizationScript script) => Run(graph, script, script.Preparation, ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty);

    /// <summary>Finds the ranges of the prepared graph.</summary>
    /// <exception cref="FeedException">A sample cannot be read, or there is none.</exception>
    public RangeFile Calibrate(Graph prepared, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, IProgress<WorkProgress>? progress)
    {
        RangeFile ranges = Measure(prepared, samples, progress);
        return ranges.Samples > 0 ? ranges : throw new FeedException("there are no samples");
    }

    /// <summary>Finds the ranges of the prepared graph on a part of the samples, which may be empty.</summary>
    /// <exception cref="FeedException">A sample cannot be read.</exception>
    public RangeFile Measure(Graph prepared, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, IProgress<WorkProgress>? progress) => CalibrationRun.Run(backend, prepared, outputs, samples, print, cancellation, progress);

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
    public PipelineResult Quantize(Graph prepared, ReadOnlyMemory<byte> ranges, QuantizationScript script) => Quantize(prepared, ranges, script, null);

    /// <summary>The integer graph of a prepared one, by samples too.</summary>
    /// <param name="prepared">The prepared graph.</param>
    /// <param name="ranges">What the file of its ranges holds, see <see cref="ContentOf"/>.</param>
    /// <param name="script">The script, which names the file of samples.</param>
    /// <param name="samples">Samples that are not in a file yet, or null.</param>
    /// <exception cref="PipelineException">A step fails.</exception>
    public PipelineResult Quantize(Graph prepared, ReadOnlyMemory<byte> ranges, QuantizationScript script, SampleArchive? samples)
    {
        var files = ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty.Add(RangesPath, ranges);
        return Run(prepared, script, script.Quantization, samples is { Content: { } content } ? files.Add(samples.Path, content) : files);
    }

    /// <summary>Writes the model, its ranges, and the samples that its script reads; nothing when one cannot be written.</summary>
    /// <param name="source">The float model, whose public names are kept. It is closed before a file is replaced.</param>
    /// <param name="graph">The integer graph.</param>
    /// <param name="writtenFor">The oldest release of TensorFlow that it is written for; null for the one that wrote the float graph.</param>
    /// <param name="ranges">Its ranges.</param>
    /// <param name="samples">Samples that are not in a file yet, or null.</param>
    /// <exception cref="ModelFormatException">A file cannot be written, or the format cannot hold the graph.</exception>
    /// <exception cref="ModelRefusedException">The format cannot hold the graph, or the release of TensorFlow that must read it would not.</exception>
    public WrittenModel Save(LoadedModel source, Graph graph, string? writtenFor, RangeFile ranges, SampleArchive? samples)
    {
        return target.Write(source.ContentWith(graph), new() { Inputs = inputs, Outputs = outputs }, cancellation, WriteSiblings, source.Origin(writtenFor));

        void WriteSiblings()
        {
            AtomicFile.Write(RangesPath, ranges.Write);
            if (samples is { Content: { } content })
                AtomicFile.Write(samples.Path, stream => stream.Write(content.Span));
            source.Dispose();
        }
    }

    private PipelineResult Run(Graph graph, QuantizationScript script, Script calls, ImmutableDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var options = new PipelineOptions { InputNames = inputs, OutputNames = outputs, Files = files, Explain = Explain, AfterStep = AfterStep };
        PipelineResult result = new PipelineRunner(catalog).Run(graph, calls, options, cancellation);
        return result.Failure is not { } failure ? result : throw new PipelineException(failure, script.Source);
    }
}
