using System.Collections.Immutable;
using TransformFramework.Engine;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Calibration;
using TransformFramework.Workflows.Comparison;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Progress;
using TransformFramework.Workflows.Quantization;
using TransformFramework.Workflows.Tuning;

namespace TransformFramework.Workflows;

/// <summary>
/// What the program's commands do with models, as calls: quantize, calibrate, evaluate, compare, tune. Thread-safe, as the engine is.
/// <code>
/// var workflows = new ModelWorkflows(engine);
/// QuantizedModel quantized = workflows.Quantize(model, workflows.Samples(model, "images/"));
/// engine.Save(quantized.Model, "int8.pb");
/// </code>
/// </summary>
/// <param name="engine">Loads plugins and runs graphs.</param>
public sealed class ModelWorkflows(TransformEngine engine)
{
    /// <summary>Samples of a model's inputs, as the program's <c>--data</c> names them: an array, an image, a sound, or a folder of them. They are read one at a time, again for each pass.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The path, with options of images after a question mark: <c>images/?size=224x224&amp;scale=0.00392157</c>.</param>
    /// <exception cref="FeedException">There is nothing to read; thrown when the samples are asked for.</exception>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1822", Justification = "A member of the object, as its siblings are.")]
    public IEnumerable<IReadOnlyDictionary<string, Tensor>> Samples(Model model, string data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(data);
        return SampleData.Read(EndpointsOf(model), Inputs(model), data);
    }

    /// <summary>A static 8-bit model of a float one: it is folded, calibrated on the samples and quantized in several ways; what agrees best with the float model is kept.</summary>
    /// <param name="model">The float model.</param>
    /// <param name="samples">A hundred typical samples, by the names of the inputs; gone through several times.</param>
    /// <param name="options">Range methods and the like; null for those of the command <c>quantize</c>.</param>
    /// <param name="progress">Receives how far the work is.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="FeedException">A sample does not fit, or there is none.</exception>
    /// <exception cref="PipelineException">A step fails.</exception>
    public QuantizedModel Quantize(Model model, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, QuantizeOptions? options = null, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(samples);
        options ??= new();
        IEnumerable<IReadOnlyDictionary<string, Tensor>> feeds = ByTensor(model, samples);
        QuantizationAttempt best = new QuantizationSearch(QuantizationOf(model, options.Name, cancellation), () => feeds, options).Best(model.Graph, progress);
        return new(model.WithGraph(best.Result.Graph!, best.Result.WrittenFor), best.Agreement, best.Ranges, best.Script.Source.Text, best.Result.Steps);
    }

    /// <summary>Ranges of the tensors of a model on samples, as the transform <c>quantize</c> and others read them from a file (<see cref="RangeFile.Write"/>).</summary>
    /// <exception cref="FeedException">A sample does not fit.</exception>
    public RangeFile Calibrate(Model model, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, RangeMethod method = RangeMethod.MinMax, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(samples);
        RangeFile ranges = CalibrationRun.Run(Backend, model.Graph, Outputs(model), ByTensor(model, samples), Drop, cancellation, progress);
        ranges.Choice = new(method);
        return ranges;
    }

    /// <summary>How often a model is right on labelled images: an .npz with the arrays <c>images</c> and <c>labels</c>, or a folder with a class in the name of each sub-folder or image.</summary>
    /// <exception cref="FeedException">The images do not fit the model.</exception>
    public Accuracy Evaluate(Model model, string data, int batch = 1, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        return Accuracy.Measure(Backend, EndpointsOf(model), null, model.Outputs is [var output, ..] ? output.Name : null, data, batch, Drop, cancellation, progress);
    }

    /// <summary>How well a model agrees with a reference over samples.</summary>
    /// <exception cref="FeedException">A sample does not fit.</exception>
    public Agreement Agreement(Model reference, Model actual, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(actual);
        ArgumentNullException.ThrowIfNull(samples);
        return Evaluation.Agreement.Measure(Backend, reference.Graph, actual.Graph, Outputs(reference), ByTensor(reference, samples), cancellation, progress);
    }

    /// <summary>How far a model's results are from a reference's on the same inputs.</summary>
    /// <param name="reference">The model that is right.</param>
    /// <param name="actual">The model to judge.</param>
    /// <param name="feeds">Values by the reference's names.</param>
    /// <param name="withLayers">Compares every tensor of the same name too.</param>
    /// <param name="progress">Receives how far the work is.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="EndpointException">The second model has no input or output that corresponds.</exception>
    public ComparisonResult Compare(Model reference, Model actual, IReadOnlyDictionary<string, Tensor> feeds, bool withLayers = false, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(actual);
        ArgumentNullException.ThrowIfNull(feeds);
        return new ModelComparison(Backend, CompileOptions.Default.MaxLoopIterations, progress)
            .Run(EndpointsOf(reference), EndpointsOf(actual), reference.Outputs, ByTensor(reference, [feeds]).Single(), withLayers, cancellation);
    }

    /// <summary>Finds the fewest layers to keep in float so that no more than a limit is lost.</summary>
    /// <param name="model">The float model.</param>
    /// <param name="samples">Typical samples; gone through several times.</param>
    /// <param name="limit">Percentage points of answers that may differ from the float model's.</param>
    /// <param name="method">How ranges are chosen.</param>
    /// <param name="progress">Receives how far the work is.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="FeedException">A sample does not fit, or there is none.</exception>
    /// <exception cref="PipelineException">A step fails.</exception>
    public TuningResult Tune(Model model, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, double limit = 1, RangeMethod method = RangeMethod.MeanSquaredError, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(samples);
        IEnumerable<IReadOnlyDictionary<string, Tensor>> feeds = ByTensor(model, samples);
        return new QuantizationTuning(QuantizationOf(model, QuantizeOptions.DefaultName, cancellation), () => feeds) { Choice = new(method) }.Run(model.Graph, limit, progress);
    }

    private IBackend Backend => engine.Plugins.Backend ?? throw new PluginException(EngineDiagnostics.NoBackend.Id, EngineDiagnostics.NoBackend.Format()) { Suggestion = "The plugin 'Cpu' belongs into the folder plugins/Cpu beside the program." };

    private StaticQuantization QuantizationOf(Model model, string name, CancellationToken cancellation) =>
        new(engine.Plugins, Backend, [.. Inputs(model)], [.. Outputs(model)], ModelOutput.GraphDefText(name), Drop, cancellation);

    /// <summary>The feeds by the graph's tensors, where they are given by public names.</summary>
    private static IEnumerable<IReadOnlyDictionary<string, Tensor>> ByTensor(Model model, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples) =>
        samples.Select(sample => sample.ToDictionary(feed => model.FindInput(feed.Key)?.Tensor ?? throw new FeedException($"the model has no input '{feed.Key}'"), feed => feed.Value, StringComparer.Ordinal));

    private static ModelEndpoints EndpointsOf(Model model) => new(model.Graph, model.Content.Signature);

    private static string[] Inputs(Model model) => [.. model.Inputs.Select(input => input.Tensor)];

    private static string[] Outputs(Model model) => [.. model.Outputs.Select(output => output.Tensor)];

    private static void Drop(string line)
    {
    }
}

/// <summary>A model in 8 bits.</summary>
/// <param name="Model">The model; it shares the files of the float one.</param>
/// <param name="Agreement">How well it agrees with the float one on the samples.</param>
/// <param name="Ranges">The ranges that it was quantized by.</param>
/// <param name="Script">The same as a script, to keep and edit.</param>
/// <param name="Steps">What each step did.</param>
public sealed record QuantizedModel(Model Model, Agreement Agreement, RangeFile Ranges, string Script, ImmutableArray<StepRecord> Steps);
