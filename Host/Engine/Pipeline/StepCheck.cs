using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Engine.Pipeline;

/// <summary>Runs the graph before and after each step on the same inputs and compares the outputs.</summary>
/// <param name="backend">What runs graphs.</param>
/// <param name="outputs">Outputs to compare.</param>
/// <param name="feeds">Values of the inputs.</param>
public sealed class StepCheck(IBackend backend, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, Tensor> feeds)
{
    /// <summary>Largest difference that a step may bring into real outputs, relative to the output's largest magnitude; integers and truth values stay the same.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>The same for a step that rounds or quantizes, for outputs of every type.</summary>
    public const double LossyTolerance = 0.25;

    /// <summary>Outputs to compare.</summary>
    public IReadOnlyList<string> Outputs => outputs;

    /// <summary>Values of the inputs.</summary>
    public IReadOnlyDictionary<string, Tensor> Feeds => feeds;

    /// <summary>How many steps were compared.</summary>
    public int Compared { get; private set; }

    /// <summary>The largest difference of an output over all steps, relative to the output's largest magnitude.</summary>
    public double Largest { get; private set; }

    private Graph? ran;
    private ImmutableArray<Tensor> results;

    /// <summary>An error when the graph after the step computes something else, a warning when that cannot be said, or null.</summary>
    internal Diagnostic? Compare(Graph before, Graph after, TransformCall call, bool isLossy, CancellationToken cancellation)
    {
        if (ReferenceEquals(before, after))
            return null;
        ImmutableArray<Tensor> expected;
        try
        {
            expected = ReferenceEquals(before, ran) ? results : Run(before, cancellation);
        }
        catch (ExecutionException error)
        {
            return EngineDiagnostics.StepUnchecked.With(call.Name, error.Message) with { Span = call.NameSpan, Node = error.Node };
        }
        try
        {
            results = Run(after, cancellation);
            ran = after;
        }
        catch (ExecutionException error)
        {
            return Differs(call, $"the graph after {call.Name} does not run, the one before it did: {error.Message}") with { Node = error.Node };
        }
        Compared++;
        for (int i = 0; i < outputs.Count; i++)
        {
            if (TensorComparison.Of(expected[i], results[i]) is { } comparison)
                Largest = Math.Max(Largest, comparison.MaxRelative);
            if (Difference(expected[i], results[i], ToleranceOf(expected[i].Type, isLossy)) is { } difference)
                return Differs(call, $"output '{outputs[i]}' is not the same after {call.Name}: {difference}") with { Node = outputs[i] };
        }
        return null;
    }

    private static double ToleranceOf(DataType type, bool isLossy)
    {
        if (isLossy)
            return LossyTolerance;
        return type is DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16 or DataType.Complex64 or DataType.Complex128 ? Tolerance : 0;
    }

    private ImmutableArray<Tensor> Run(Graph graph, CancellationToken cancellation) =>
        backend.Compile(graph, outputs, new CompileOptions { Feeds = [.. feeds.Keys], UseReferenceKernels = true }).Run(feeds, cancellation);

    private static string? Difference(Tensor expected, Tensor actual, double tolerance)
    {
        if (expected.Type != actual.Type || !expected.Shape.Equals(actual.Shape))
            return $"it is {actual}, it was {expected}";
        if (TensorComparison.Of(expected, actual) is not { } comparison)
            return expected.ContentEquals(actual) ? null : "its strings differ";
        return comparison.MaxRelative <= tolerance
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"it differs by {comparison.MaxAbsolute:G4}, {comparison.MaxRelative:G3} of its largest magnitude ({tolerance:G3} is allowed)");
    }

    private static Diagnostic Differs(TransformCall call, string message) => EngineDiagnostics.StepDiffers.With(message) with
    {
        Span = call.NameSpan,
        Suggestion = "Leave the step out, or compare the graphs tensor by tensor with 'transform_graph compare A B --layers'.",
    };
}
