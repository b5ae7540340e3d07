using System.Collections.Immutable;
using TransformFramework.Diagnostics;

namespace TransformFramework.Workflows.Reports;

/// <summary>
/// What a command did and found, as people and programs read it: <see cref="ReportFile"/> writes it as a page (HTML), as Markdown or as JSON, whose schema is <c>docs/report.schema.json</c>.
/// Lists are empty and other properties null where the command has nothing to say.
/// </summary>
public sealed record Report
{
    /// <summary>Version of the JSON's schema: 1.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>The command: <c>transform</c>, <c>quantize</c>, …</summary>
    public required string Command { get; init; }

    /// <summary>The command line that makes the report again, as a POSIX shell takes it.</summary>
    public required string CommandLine { get; init; }

    /// <summary>The script, as it can be kept in a file.</summary>
    public string? Script { get; init; }

    /// <summary>The model that was read.</summary>
    public required string InGraph { get; init; }

    /// <summary>The model that was written, or that was compared.</summary>
    public string? OutGraph { get; init; }

    /// <summary>Size of the model that was read.</summary>
    public long? BytesRead { get; init; }

    /// <summary>Size of the model that was written.</summary>
    public long? BytesWritten { get; init; }

    /// <summary>False when a step or a comparison failed.</summary>
    public bool Succeeded { get; init; } = true;

    /// <summary>The result in short, the most important first.</summary>
    public ImmutableArray<ReportFact> Summary { get; init; } = [];

    /// <summary>Comparison before and after each step.</summary>
    public ReportCheck? Check { get; init; }

    /// <summary>The steps of the script, in order.</summary>
    public ImmutableArray<ReportStep> Steps { get; init; } = [];

    /// <summary>Diagnostics that belong to no step.</summary>
    public ImmutableArray<ReportDiagnostic> Diagnostics { get; init; } = [];

    /// <summary>What ended the run.</summary>
    public ReportFailure? Failure { get; init; }

    /// <summary>The graph over the steps.</summary>
    public ReportGraph? Graph { get; init; }

    /// <summary>Tensors that the graphs before and after have in common, in execution order; of one graph its calibrated tensors.</summary>
    public ImmutableArray<ReportLayer> Layers { get; init; } = [];

    /// <summary>Right answers on labelled images.</summary>
    public ReportAccuracy? Accuracy { get; init; }

    /// <summary>Run times, a model each.</summary>
    public ImmutableArray<ReportTiming> Timings { get; init; } = [];

    /// <summary>Candidates that were tried, in order.</summary>
    public ImmutableArray<ReportCandidate> Candidates { get; init; } = [];
}

/// <summary>A result in short.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Value">The value with its unit.</param>
/// <param name="Detail">What it means, or null.</param>
public sealed record ReportFact(string Label, string Value, string? Detail = null);

/// <summary>What comparing the outputs before and after each step found.</summary>
/// <param name="Steps">Steps that were compared.</param>
/// <param name="LargestRelativeDifference">Largest difference relative to the output's largest magnitude; null when it is not finite.</param>
public sealed record ReportCheck(int Steps, double? LargestRelativeDifference);

/// <summary>A diagnostic.</summary>
/// <param name="Id">The id, such as TFX2032.</param>
/// <param name="Severity">info, warning or error.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Node">The node that it is about.</param>
/// <param name="Line">Line of the script, from 1.</param>
/// <param name="Column">Column of the script, from 1.</param>
/// <param name="Suggestion">What to do next.</param>
public sealed record ReportDiagnostic(string Id, string Severity, string Message, string? Node, int? Line, int? Column, string? Suggestion)
{
    /// <summary>The diagnostic as a report has it.</summary>
    public static ReportDiagnostic Of(Diagnostic diagnostic) => new(diagnostic.Id, diagnostic.Severity.ToString().ToLowerInvariant(), diagnostic.Message, diagnostic.Node, diagnostic.Span?.Line, diagnostic.Span?.Column, diagnostic.Suggestion);
}

/// <summary>Why a node was left as it was.</summary>
/// <param name="Node">The node.</param>
/// <param name="Reason">Why.</param>
public sealed record ReportExplanation(string Node, string Reason);

/// <summary>One step of the script.</summary>
public sealed record ReportStep
{
    /// <summary>The transform.</summary>
    public required string Transform { get; init; }

    /// <summary>Nodes before the step.</summary>
    public int NodesBefore { get; init; }

    /// <summary>Nodes after the step.</summary>
    public int NodesAfter { get; init; }

    /// <summary>Bytes of the graph before the step.</summary>
    public long BytesBefore { get; init; }

    /// <summary>Bytes of the graph after the step.</summary>
    public long BytesAfter { get; init; }

    /// <summary>Time of the step.</summary>
    public double Milliseconds { get; init; }

    /// <summary>Whether the step failed and <c>ignore_errors</c> dropped its graph.</summary>
    public bool Ignored { get; init; }

    /// <summary>What the step counted.</summary>
    public ImmutableSortedDictionary<string, long> Statistics { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>What the step reported.</summary>
    public ImmutableArray<ReportDiagnostic> Diagnostics { get; init; } = [];

    /// <summary>Nodes that the step left as they were, and why.</summary>
    public ImmutableArray<ReportExplanation> Explanations { get; init; } = [];
}

/// <summary>The step that ended a run.</summary>
/// <param name="Step">Its number from 1; 0 when the run did not begin.</param>
/// <param name="Transform">The transform.</param>
/// <param name="Status">Kind of failure.</param>
/// <param name="Diagnostic">What is wrong.</param>
public sealed record ReportFailure(int Step, string? Transform, string Status, ReportDiagnostic Diagnostic);

/// <summary>A graph over the steps: state 0 is before the first step, state k after step k.</summary>
/// <param name="States">Number of states.</param>
/// <param name="Inputs">Nodes of the inputs.</param>
/// <param name="Outputs">Nodes of the outputs.</param>
/// <param name="Nodes">Every node that some state has; a node that a step changes is listed anew.</param>
public sealed record ReportGraph(int States, ImmutableArray<string> Inputs, ImmutableArray<string> Outputs, ImmutableArray<ReportNode> Nodes);

/// <summary>A node over the states in which it is the same.</summary>
/// <param name="Name">The name.</param>
/// <param name="Op">The op.</param>
/// <param name="Inputs">Inputs as the graph spells them.</param>
/// <param name="Type">Type of its value, or empty.</param>
/// <param name="Bytes">Bytes of the tensors in its attributes.</param>
/// <param name="Attributes">Its attributes as text, long tensors cut.</param>
/// <param name="First">First state that has it.</param>
/// <param name="Last">Last state that has it.</param>
public sealed record ReportNode(string Name, string Op, ImmutableArray<string> Inputs, string Type, long Bytes, string Attributes, int First, int Last);

/// <summary>A tensor before and after.</summary>
public sealed record ReportLayer
{
    /// <summary>The node, or <c>node:port</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its op.</summary>
    public string Op { get; init; } = "";

    /// <summary>Signal to noise in dB; null when equal or not compared.</summary>
    public double? SqnrDb { get; init; }

    /// <summary>Largest absolute difference; null when not compared or not finite.</summary>
    public double? MaxAbsError { get; init; }

    /// <summary>The range that was chosen for its quantized values.</summary>
    public ReportRange? Range { get; init; }

    /// <summary>How its values are distributed.</summary>
    public ReportHistogram? Histogram { get; init; }
}

/// <summary>A range of values.</summary>
/// <param name="Min">Smallest value.</param>
/// <param name="Max">Largest value.</param>
public sealed record ReportRange(double Min, double Max);

/// <summary>Counts of values in bins of equal width.</summary>
/// <param name="Low">Lower end of the first bin.</param>
/// <param name="High">Upper end of the last bin.</param>
/// <param name="Magnitudes">True when absolute values were counted.</param>
/// <param name="Before">Counts of the reference.</param>
/// <param name="After">Counts of the other graph; empty when there is none.</param>
public sealed record ReportHistogram(double Low, double High, bool Magnitudes, ImmutableArray<long> Before, ImmutableArray<long> After);

/// <summary>Right answers on labelled images.</summary>
/// <param name="Models">The models, the reference first.</param>
/// <param name="SameAnswers">Images on which both models answer alike; null for one model.</param>
/// <param name="Confusion">Counts by class of the last model.</param>
/// <param name="Worst">Images of the last model with the least margin for the right class, the worst first.</param>
public sealed record ReportAccuracy(ImmutableArray<ReportAccuracyOfModel> Models, int? SameAnswers, ReportConfusion Confusion, ImmutableArray<ReportSample> Worst);

/// <summary>Right answers of one model.</summary>
/// <param name="Model">The model.</param>
/// <param name="Images">Number of images.</param>
/// <param name="Top1">How often the largest score is the right class.</param>
/// <param name="Top5">How often the right class is among the five largest.</param>
/// <param name="Interval">95 % interval of the share of right answers, from 0 to 1 (Wilson's score interval).</param>
public sealed record ReportAccuracyOfModel(string Model, int Images, int Top1, int Top5, ReportRange Interval);

/// <summary>How often a class was answered for another.</summary>
/// <param name="Classes">The classes, at most 40: those with most mistakes.</param>
/// <param name="Omitted">Classes that occur but are not listed.</param>
/// <param name="Counts">Row: the right class; column: the answer.</param>
public sealed record ReportConfusion(ImmutableArray<int> Classes, int Omitted, ImmutableArray<ImmutableArray<int>> Counts);

/// <summary>An image and its answer.</summary>
/// <param name="Index">Number of the image from 0.</param>
/// <param name="Label">The right class.</param>
/// <param name="Answer">The answer.</param>
/// <param name="AnswerBefore">The reference's answer; null for one model.</param>
/// <param name="Margin">Score of the right class less the largest other score; negative when the answer is wrong.</param>
/// <param name="Image">The image as a <c>data:</c> address; null when the input is no image.</param>
public sealed record ReportSample(int Index, int Label, int Answer, int? AnswerBefore, double? Margin, string? Image);

/// <summary>Run times of a model.</summary>
/// <param name="Model">The model.</param>
/// <param name="MedianMilliseconds">The median of the timed runs.</param>
/// <param name="Runs">Milliseconds of the timed runs.</param>
/// <param name="Nodes">Mean time of each node, the slowest first.</param>
public sealed record ReportTiming(string Model, double MedianMilliseconds, ImmutableArray<double> Runs, ImmutableArray<ReportNodeTime> Nodes);

/// <summary>Time of a node; fused nodes count as the first.</summary>
/// <param name="Name">The node.</param>
/// <param name="Op">Its op.</param>
/// <param name="Milliseconds">Time in a run, on average.</param>
/// <param name="Bytes">Bytes that it computes in a run.</param>
public sealed record ReportNodeTime(string Name, string Op, double Milliseconds, long Bytes);

/// <summary>Something that was tried.</summary>
/// <param name="Name">What was tried.</param>
/// <param name="SqnrDb">Signal to noise against the reference in dB.</param>
/// <param name="Loss">Percentage points lost.</param>
/// <param name="Chosen">Whether it was kept.</param>
public sealed record ReportCandidate(string Name, double? SqnrDb, double? Loss, bool Chosen);
