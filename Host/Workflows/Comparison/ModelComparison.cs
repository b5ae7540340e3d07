using System.Collections.Immutable;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Sampling;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Comparison;

/// <summary>Runs two models on the same inputs and says how far the second one's results are from the first one's.</summary>
/// <param name="backend">Runs graphs.</param>
/// <param name="maxLoopIterations">Iterations after which a loop is given up as endless.</param>
/// <param name="progress">Receives which run is next; null reports nothing.</param>
public sealed class ModelComparison(IBackend backend, long maxLoopIterations, IProgress<WorkProgress>? progress)
{
    /// <summary>Runs the model to judge; null for the same backend.</summary>
    public IBackend? Judging { get; init; }

    /// <summary>Compares two models.</summary>
    /// <param name="reference">The model that is right.</param>
    /// <param name="actual">The model to judge; its inputs and outputs are found by public name, then by tensor, then by position.</param>
    /// <param name="outputs">Outputs of the reference.</param>
    /// <param name="feeds">Values by tensor of the reference.</param>
    /// <param name="withLayers">Compares every tensor of the same name too.</param>
    /// <param name="cancellation">Ends the runs.</param>
    /// <exception cref="EndpointException">The second model has no input or output that corresponds.</exception>
    public ComparisonResult Run(ModelEndpoints reference, ModelEndpoints actual, ImmutableArray<ModelEndpoint> outputs, IReadOnlyDictionary<string, Tensor> feeds, bool withLayers, CancellationToken cancellation)
    {
        string[] wanted = outputs.Tensors();
        string[] judged = [.. outputs.Select((output, i) => Corresponding(output, reference.Outputs, actual.Outputs, actual.FindOutput, "outputs"))];
        var actualFeeds = feeds.ToDictionary(feed => Corresponding(NameOf(reference.Inputs, feed.Key), reference.Inputs, actual.Inputs, actual.FindInput, "inputs"), feed => feed.Value, StringComparer.Ordinal);
        var meter = new ProgressMeter(progress, "running", withLayers ? 4 : 2).Start();
        var expected = backend.Compile(reference.Graph, wanted, Options(feeds)).Run(feeds, cancellation);
        meter.Step();
        var found = (Judging ?? backend).Compile(actual.Graph, judged, Options(actualFeeds)).Run(actualFeeds, cancellation);
        meter.Step();
        LayerComparison? layers = withLayers ? LayerComparison.Of(backend, reference.Graph, actual.Graph, wanted, feeds, Options(feeds), cancellation, judging: Judging) : null;
        return new([.. outputs.Select((output, i) => new OutputComparison(output.Name, Judge(expected[i], found[i])))], layers);
    }

    /// <summary>Compares two models over samples.</summary>
    /// <param name="reference">The model that is right.</param>
    /// <param name="actual">The model to judge.</param>
    /// <param name="outputs">Outputs of the reference.</param>
    /// <param name="samples">Values by tensor of the reference, sample by sample.</param>
    /// <param name="cancellation">Ends the runs.</param>
    /// <exception cref="EndpointException">The second model has no input or output that corresponds.</exception>
    /// <exception cref="FeedException">A sample cannot be read, or lacks a value that the graph needs.</exception>
    public ComparisonSums Run(ModelEndpoints reference, ModelEndpoints actual, ImmutableArray<ModelEndpoint> outputs, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, CancellationToken cancellation)
    {
        string[] wanted = outputs.Tensors();
        string[] judged = [.. outputs.Select((output, i) => Corresponding(output, reference.Outputs, actual.Outputs, actual.FindOutput, "outputs"))];
        var sums = new ComparisonSums([.. outputs.Select(output => output.Name)]);
        (IExecutable Expected, IExecutable Found)? compiled = null;
        foreach (var (expected, found) in SampleRuns.InOrder(new ProgressMeter(progress, "comparing").Count(samples.Select(Feeds)), feeds => (compiled!.Value.Expected.Run(feeds.Reference, cancellation), compiled.Value.Found.Run(feeds.Actual, cancellation)), cancellation))
            sums.Add(expected, found);
        return sums;

        (IReadOnlyDictionary<string, Tensor> Reference, IReadOnlyDictionary<string, Tensor> Actual) Feeds(IReadOnlyDictionary<string, Tensor> feeds)
        {
            var others = feeds.ToDictionary(feed => Corresponding(NameOf(reference.Inputs, feed.Key), reference.Inputs, actual.Inputs, actual.FindInput, "inputs"), feed => feed.Value, StringComparer.Ordinal);
            if (compiled is null)
            {
                FeedArguments.CheckComplete(reference.Graph, wanted, feeds);
                compiled = (backend.Compile(reference.Graph, wanted, Options(feeds) with { Threads = 1 }), (Judging ?? backend).Compile(actual.Graph, judged, Options(others) with { Threads = 1 }));
            }
            return (feeds, others);
        }
    }

    private CompileOptions Options(IReadOnlyDictionary<string, Tensor> feeds) => new() { Feeds = [.. feeds.Keys], MaxLoopIterations = maxLoopIterations };

    private static ModelEndpoint NameOf(ImmutableArray<ModelEndpoint> inputs, string tensor) => inputs.FirstOrDefault(input => input.Tensor == tensor) ?? new(tensor, tensor);

    private static string Corresponding(ModelEndpoint endpoint, ImmutableArray<ModelEndpoint> of, ImmutableArray<ModelEndpoint> others, Func<string, ModelEndpoint?> find, string list)
    {
        if ((find(endpoint.Name) ?? find(endpoint.Tensor)) is { } found)
            return found.Tensor;
        int position = of.IndexOf(endpoint);
        return position >= 0 && of.Length == others.Length
            ? others[position].Tensor
            : throw new EndpointException($"the second graph has no '{endpoint.Name}'", list) { Suggestion = $"It has {string.Join(", ", others.Select(other => other.Name))}." };
    }

    private static TensorComparison Judge(Tensor expected, Tensor found) =>
        TensorComparison.Of(expected, found) ?? (expected.ContentEquals(found)
            ? new(0, 0, double.PositiveInfinity, 1, 1)
            : new(double.PositiveInfinity, double.PositiveInfinity, double.NegativeInfinity, 0, 0));
}

/// <summary>How far an output is from the reference's.</summary>
/// <param name="Name">Public name of the output.</param>
/// <param name="Comparison">The distance.</param>
public sealed record OutputComparison(string Name, TensorComparison Comparison);

/// <summary>How far a model is from a reference.</summary>
/// <param name="Outputs">Output by output.</param>
/// <param name="Layers">Tensor by tensor; null when that was not asked for.</param>
public sealed record ComparisonResult(IReadOnlyList<OutputComparison> Outputs, LayerComparison? Layers)
{
    /// <summary>Whether all outputs are within a tolerance, relative to their largest magnitude.</summary>
    public bool Agrees(double tolerance) => Outputs.All(output => output.Comparison.MaxRelative <= tolerance);
}
