using System.Collections.Immutable;
using System.Diagnostics;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;

namespace TransformFramework.Engine;

/// <summary>Steps that were checked and can be run any number of times, from any thread.</summary>
public sealed class TransformPipeline
{
    private readonly ITransformSource source;
    private readonly Script script;
    private readonly PipelineOptions options;

    internal TransformPipeline(ITransformSource source, Script script, PipelineOptions options)
    {
        this.source = source;
        this.script = script;
        this.options = options;
    }

    /// <summary>The steps as a script.</summary>
    /// <exception cref="ArgumentException">A value that no script text can express.</exception>
    public string ToScript() => ScriptFormatter.Format(script);

    /// <summary>Runs the steps. Inputs and outputs that were not configured are the model's.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public TransformResult Run(Model model, IProgress<StepProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        PipelineOptions complete = options with
        {
            InputNames = options.InputNames.IsDefaultOrEmpty ? [.. model.Inputs.Select(input => input.Tensor)] : Tensors(options.InputNames, model.FindInput),
            OutputNames = options.OutputNames.IsDefaultOrEmpty ? [.. model.Outputs.Select(output => output.Tensor)] : Tensors(options.OutputNames, model.FindOutput),
        };
        Activity? activity = TransformEngineTelemetry.Activities.StartActivity("transform");
        PipelineResult result = new PipelineRunner(source).Run(model.Graph, script, complete, cancellation, progress);
        TransformEngineTelemetry.End(activity, result.Failure?.Diagnostic.Id);
        Measure(result);
        return new(model, result);
    }

    private static void Measure(PipelineResult result)
    {
        foreach (StepRecord step in result.Steps)
        {
            TagList tags = TransformEngineTelemetry.TagsOf(step.IsIgnored ? step.Diagnostics.First(diagnostic => diagnostic.Severity == Severity.Warning).Id : null);
            tags.Add("transformframework.transform", step.Call.Name);
            TransformEngineTelemetry.StepDuration.Record(step.Duration.TotalSeconds, tags);
        }
    }

    private static ImmutableArray<string> Tensors(ImmutableArray<string> names, Func<string, ModelEndpoint?> find) => [.. names.Select(name => find(name)?.Tensor ?? name)];
}

/// <summary>The outcome of a pipeline.</summary>
public sealed class TransformResult
{
    private readonly Model before;
    private readonly PipelineResult result;

    internal TransformResult(Model before, PipelineResult result)
    {
        this.before = before;
        this.result = result;
    }

    /// <summary>What each step did, up to one that failed.</summary>
    public ImmutableArray<StepRecord> Steps => result.Steps;

    /// <summary>Everything that the steps noticed.</summary>
    public IEnumerable<Diagnostic> Diagnostics => result.Diagnostics.Concat(result.Steps.SelectMany(step => step.Diagnostics));

    /// <summary>The step that ended the run; null after success.</summary>
    public StepFailure? Failure => result.Failure;

    /// <summary>True when every step was done.</summary>
    public bool Succeeded => result.Failure is null;

    /// <summary>The model with the new graph. It shares the files of the one before.</summary>
    /// <exception cref="PipelineException">A step failed.</exception>
    public Model EnsureSuccess() => result.Failure is { } failure ? throw new PipelineException(failure) : before.WithGraph(result.Graph!, result.WrittenFor);
}
