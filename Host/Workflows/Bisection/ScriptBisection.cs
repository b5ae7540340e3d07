using System.Collections.Immutable;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Bisection;

/// <summary>Finds the step of a script after which a graph is bad. The script runs once; the judgement is asked for about log₂ of the steps.</summary>
/// <param name="source">The transforms.</param>
/// <param name="text">The script.</param>
/// <param name="fault">What is wrong with a graph; null when it is good.</param>
/// <param name="progress">Receives how many graphs are judged; null reports nothing.</param>
public sealed class ScriptBisection(ITransformSource source, ScriptText text, Func<Graph, string?> fault, IProgress<WorkProgress>? progress = null)
{
    private readonly ProgressMeter meter = new(progress, "judging graphs");

    /// <summary>How many graphs were judged.</summary>
    public int Runs { get; private set; }

    /// <summary>Finds the step. The graph before the script counts as good.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="options">Inputs, outputs, mode.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>Null when the graph after the last step is good.</returns>
    /// <exception cref="PipelineException">The script does not begin, since a transform is unknown or an argument is wrong.</exception>
    public BisectionResult? Run(Graph graph, PipelineOptions options, CancellationToken cancellation)
    {
        Script script = text.Parse(out _);
        var states = new List<Graph> { graph };
        PipelineResult result = new PipelineRunner(source).Run(graph, script, options with { AfterStep = states.Add }, cancellation);
        int good = 0, bad = states.Count;
        string? reason = null;
        if (result.Failure is { Step: >= 0 } failure)
            reason = $"the step fails: {failure.Diagnostic.Id}: {failure.Diagnostic.Message}";
        else if (result.Failure is { } refused)
            throw new PipelineException(refused, text);
        else
            bad--;
        if (reason is null && (bad == 0 || (reason = Judge(states[bad])) is null))
            return null;
        while (bad - good > 1)
        {
            cancellation.ThrowIfCancellationRequested();
            int middle = (good + bad) / 2;
            if (Judge(states[middle]) is { } found)
                (bad, reason) = (middle, found);
            else
                good = middle;
        }
        return new(bad, script.Calls[bad - 1], reason!, states[bad - 1], bad < states.Count ? states[bad] : null) { FailedNode = bad == states.Count ? result.Failure?.Diagnostic.Node : null };
    }

    private string? Judge(Graph graph)
    {
        Runs++;
        string? reason = fault(graph);
        meter.Step();
        return reason;
    }
}

/// <summary>The step after which a graph is bad.</summary>
/// <param name="Step">Its number from 1.</param>
/// <param name="Call">The call.</param>
/// <param name="Fault">What is wrong.</param>
/// <param name="Before">The graph before the step, which is good.</param>
/// <param name="After">The graph after it; null when the step itself fails.</param>
public sealed record BisectionResult(int Step, TransformCall Call, string Fault, Graph Before, Graph? After)
{
    /// <summary>The node that a failing step names.</summary>
    public string? FailedNode { get; init; }

    /// <summary>The nodes to blame, and why.</summary>
    public ImmutableArray<BlamedNode> Nodes { get; init; } = [];
}

/// <summary>A node to blame.</summary>
/// <param name="Name">The node.</param>
/// <param name="Reason">What it did: changed by the step, or where the error enters.</param>
public sealed record BlamedNode(string Name, string Reason);
