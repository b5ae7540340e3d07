using System.Collections.Immutable;
using System.ComponentModel;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Calibration;
using TransformFramework.Workflows.Comparison;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Inspection;
using TransformFramework.Workflows.Quantization;

namespace TransformFramework.Servers.Mcp;

/// <summary>What the server offers: each public method is a tool. Paths are confined to folders.</summary>
/// <param name="plugins">The plugins.</param>
/// <param name="folders">Where models may be read and written.</param>
internal sealed class GraphTools(PluginCatalog plugins, AllowedFolders folders)
{
    private IBackend Backend => plugins.Backend ?? throw new InvalidOperationException("no plugin offers a backend, so graphs cannot be run");

    [Description("Says what a model holds: format, inputs, outputs, ops, size. Reads a frozen graph, SavedModel, checkpoint, Keras, TensorFlow Lite, ONNX or TensorFlow.js model.")]
    public ModelSummary Summarize([Description("Path of the model")] string model, CancellationToken cancellation = default)
    {
        using LoadedModel loaded = Open(model, cancellation);
        GraphSummary summary = GraphSummary.Of(loaded.Graph);
        return new(loaded.Format, loaded.FileBytes, loaded.Graph.Nodes.Length, Tensors(loaded, loaded.Endpoints.Inputs), Tensors(loaded, loaded.Endpoints.Outputs), summary.ConstParameters, summary.Ops.ToDictionary(entry => entry.Op, entry => entry.Count, StringComparer.Ordinal));
    }

    [Description("Runs a script of transforms over a model and writes the result. A script is a list of calls: name(argument=value, …); for example: remove_device fold_constants(ignore_errors=true) quantize_weights")]
    public TransformOutcome Transform(
        [Description("Path of the model to read")] string model,
        [Description("Path of the model to write; its ending names the format: .pb, .pbtxt, .onnx, .tflite, or a path that ends in / for a SavedModel")] string output,
        [Description("The script")] string script,
        [Description("Names of the inputs; the model's without it")] string[]? inputs = null,
        [Description("Names of the outputs; the model's without it")] string[]? outputs = null,
        CancellationToken cancellation = default)
    {
        ModelOutput target = Target(output);
        using LoadedModel loaded = Open(model, cancellation);
        var text = new ScriptText(script, "script");
        Script parsed = text.Parse(out _);
        var options = new PipelineOptions
        {
            InputNames = [.. inputs ?? loaded.Endpoints.Inputs.Tensors()],
            OutputNames = [.. outputs ?? loaded.Endpoints.Outputs.Tensors()],
            OpenFile = path => File.OpenRead(folders.Resolve(path)),
        };
        PipelineResult result = new PipelineRunner(plugins).Run(loaded.Graph, parsed, options, cancellation);
        if (result.Failure is { } failure)
            throw new PipelineException(failure, text);
        int before = loaded.Graph.Nodes.Length;
        var names = new ModelWriteOptions { Inputs = [.. options.InputNames.Where(name => result.Graph!.TryFind(new NodeInput(name).Node, out _))], Outputs = options.OutputNames };
        WrittenModel written = target.Write(loaded.ContentWith(result.Graph!), names, cancellation, loaded.Dispose, loaded.Origin(result.WrittenFor));
        return new(written.Path, written.Bytes, before, result.Graph!.Nodes.Length,
            [.. result.Steps.Select(step => new StepOutcome(step.Call.QualifiedName, step.NodesAfter, step.BytesAfter, step.Duration.TotalMilliseconds))],
            [.. result.Diagnostics.Concat(result.Steps.SelectMany(step => step.Diagnostics)).Concat(written.Diagnostics).Select(diagnostic => $"{diagnostic}")]);
    }

    [Description("Makes a static 8-bit model of a float one: folds, equalizes, calibrates on samples, quantizes, and measures the agreement with the float model.")]
    public QuantizeOutcome Quantize(
        [Description("Path of the float model")] string model,
        [Description("Path of the 8-bit model to write")] string output,
        [Description("Typical samples: an .npz, .npy, image or sound, or a folder of these; ?mean=M&scale=S&divide=D after it says how images become numbers")] string data,
        [Description("How ranges are chosen: min_max, percentile, mean_squared_error or entropy; without it the first three are tried")] string? method = null,
        [Description("Largest number of samples")] int samples = 100,
        [Description("Names of the inputs")] string[]? inputs = null,
        [Description("Names of the outputs")] string[]? outputs = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        ModelOutput target = Target(output);
        string source = folders.ResolveData(data);
        using LoadedModel loaded = Open(model, cancellation);
        string[] from = GraphInputs.ResolveAll(loaded.Endpoints, inputs is null ? null : string.Join(',', inputs)).Tensors();
        string[] to = GraphOutputs.Resolve(loaded.Endpoints, outputs is null ? null : string.Join(',', outputs)).Tensors();
        var quantization = new StaticQuantization(plugins, Backend, [.. from], [.. to], target, _ => { }, cancellation);
        RangeMethod? chosen = method is null ? null : RangeMethods.Find(method) ?? throw new ArgumentException($"there is no method '{method}'; the methods are {string.Join(", ", RangeMethods.Names)}", nameof(method));
        var search = new QuantizationSearch(quantization, () => SampleData.Read(loaded.Endpoints, from, source).Take(samples), new() { Method = chosen });
        QuantizationAttempt best = search.Best(loaded.Graph, progress: null);
        long before = loaded.FileBytes;
        WrittenModel written = quantization.Save(loaded, best.Result.Graph!, best.Result.WrittenFor, best.Ranges, best.Samples);
        return new(written.Path, before, written.Bytes, best.Agreement.Share, Finite(best.Agreement.Sqnr), RangeMethods.NameOf(best.Choice.Method), best.Script.Source.Text);
    }

    [Description("Runs two models on the same inputs and says how far the second one's outputs are from the first one's, and where the error enters.")]
    public CompareOutcome Compare(
        [Description("Path of the model that is right")] string reference,
        [Description("Path of the model to judge")] string model,
        [Description("Path of an .npz archive with an array for each input, named after it (/ as __); random values without it")] string? feeds = null,
        [Description("Largest difference allowed, relative to an output's largest magnitude")] double tolerance = 1e-4,
        [Description("Names of the outputs")] string[]? outputs = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tolerance);
        using LoadedModel right = Open(reference, cancellation);
        using LoadedModel judged = Open(model, cancellation);
        ImmutableArray<ModelEndpoint> wanted = GraphOutputs.Resolve(right.Endpoints, outputs is null ? null : string.Join(',', outputs));
        var values = feeds is null ? FeedArguments.Random(right.Graph, wanted.Tensors(), seed: 1) : FeedArguments.FromArchive(right.Endpoints, folders.Resolve(feeds));
        ComparisonResult result = new ModelComparison(Backend, CompileOptions.Default.MaxLoopIterations, progress: null).Run(right.Endpoints, judged.Endpoints, wanted, values, withLayers: true, cancellation);
        return new(result.Agrees(tolerance), [.. result.Outputs.Select(output => new OutputDifference(output.Name, Finite(output.Comparison.MaxAbsolute), Finite(output.Comparison.MaxRelative), Finite(output.Comparison.Sqnr), output.Comparison.SameTop))], result.Layers?.Entry(tolerance)?.Layer.Node.Name);
    }

    private LoadedModel Open(string path, CancellationToken cancellation) => ModelFile.Open(folders.ResolveModel(path), new ModelOpenOptions(), () => plugins, cancellation);

    private ModelOutput Target(string path)
    {
        string resolved = folders.Resolve(path) + (Path.EndsInDirectorySeparator(path) ? "/" : "");
        var target = new ModelOutput(resolved, OutputFormat.Choose(resolved, name: null, () => plugins), () => plugins, ImmutableDictionary<string, string>.Empty);
        target.Check();
        return target;
    }

    private static ModelTensor[] Tensors(LoadedModel loaded, ImmutableArray<ModelEndpoint> endpoints) => [.. endpoints.Select(endpoint => new ModelTensor(endpoint.Name, endpoint.Tensor, loaded.Graph.Find(endpoint.Node)?.Op ?? ""))];

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
