using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Pipeline;

/// <summary>What a run is asked for beside its script.</summary>
public sealed record PipelineOptions
{
    /// <summary>The run's inputs, verbatim.</summary>
    public ImmutableArray<string> InputNames { get; init; } = [];

    /// <summary>The run's outputs, verbatim.</summary>
    public ImmutableArray<string> OutputNames { get; init; } = [];

    public TransformMode Mode { get; init; }

    /// <summary>Transforms whose declined nodes are recorded; empty for none, <c>*</c> for all.</summary>
    public ImmutableArray<string> Explain { get; init; } = [];

    /// <summary>What relative names of files in arguments are relative to; empty for the working directory.</summary>
    public string BaseFolder { get; init; } = "";

    /// <summary>Contents of files that are not written yet, by the path that arguments give.</summary>
    public ImmutableDictionary<string, ReadOnlyMemory<byte>> Files { get; init; } = ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty;

    /// <summary>Compares what the graph computes before and after each step; null does not.</summary>
    public StepCheck? Check { get; init; }

    /// <summary>Opens the files that arguments name, instead of <see cref="BaseFolder"/>; null for the file system.</summary>
    public Func<string, Stream>? OpenFile { get; init; }

    /// <summary>Receives the graph after each step; null reports nothing.</summary>
    public Action<Graph>? AfterStep { get; init; }
}

/// <summary>Why a node was left as it was.</summary>
public sealed record Explanation(string Node, string Reason);

/// <summary>Something that a step counted.</summary>
public sealed record Statistic(string Name, long Count);

/// <summary>What one step did.</summary>
public sealed record StepRecord(TransformCall Call, int NodesBefore, int NodesAfter, long BytesBefore, long BytesAfter, TimeSpan Duration)
{
    /// <summary>What the step counted, by name.</summary>
    public ImmutableArray<Statistic> Statistics { get; init; } = [];

    public ImmutableArray<Diagnostic> Diagnostics { get; init; } = [];

    public ImmutableArray<Explanation> Explanations { get; init; } = [];

    /// <summary>The oldest release of TensorFlow that reads what the step wrote, such as <c>tf2.7</c>; null for the one that wrote the graph before.</summary>
    public string? WrittenFor { get; init; }

    /// <summary>True when the step failed and <c>ignore_errors</c> dropped its graph.</summary>
    public bool IsIgnored { get; init; }
}

/// <summary>A step that ended the run.</summary>
/// <param name="Step">Its number from 0; -1 when the run did not begin.</param>
/// <param name="Call">The call, if one is to blame.</param>
/// <param name="Kind">Kind of failure as the original classifies it.</param>
/// <param name="Diagnostic">What to tell the user.</param>
/// <param name="Before">The graph before the step.</param>
public sealed record StepFailure(int Step, TransformCall? Call, StatusKind Kind, Diagnostic Diagnostic, Graph Before)
{
    /// <summary>True when a plugin, not the graph or the arguments, is to blame.</summary>
    public bool IsPluginFault { get; init; }

    /// <summary>The exception behind the failure, whose place its author wants to see; null when there is none.</summary>
    public Exception? Cause { get; init; }
}

/// <summary>A step that begins.</summary>
public sealed record StepProgress(int Step, int Steps, string Transform);

/// <summary>The outcome of a run: the graph, or what stopped it; and warnings that belong to no step.</summary>
public sealed record PipelineResult(Graph? Graph, ImmutableArray<StepRecord> Steps, ImmutableArray<Diagnostic> Diagnostics, StepFailure? Failure)
{
    /// <summary>The oldest release of TensorFlow that reads the graph, where a step says so; null for the one that wrote the graph before.</summary>
    public string? WrittenFor => Steps.Select(step => step.WrittenFor is { } version ? TensorFlowRelease.Find(version) : null).Max() is { } release ? $"tf{release.Version}" : null;
}
