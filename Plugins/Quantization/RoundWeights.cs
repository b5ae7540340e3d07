using System.Numerics.Tensors;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Classic;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;
using Tensor = TransformFramework.Graphs.Tensor;

namespace TransformFramework.Quantization;

/// <summary>
/// Rounds large float constants to few distinct values, so that a compressed file becomes small; the graph stays a float graph.
/// <code>
/// w = Const() {dtype=float}      →      w = Const() {dtype=float}        each element the middle of one of num_steps + 1 buckets
/// </code>
/// Constants of fewer than 16 elements stay. The range is that of the constant, but its upper end is never below zero. The original turns NaN into a huge number; without --verbatim
/// constants with NaN, infinite elements or a range wider than the largest float stay, and control inputs are kept.
/// </summary>
[Transform("round_weights", Summary = "Rounds large float constants to few distinct values.", IsClassic = true, IsLossy = true)]
public sealed class RoundWeights : Transform<RoundWeights.Options>
{
    private const int MinimumSize = 16;

    public sealed record Options
    {
        [Option("num_steps", "Number of buckets.")]
        public int NumSteps { get; init; } = 256;
    }

    protected override void Check(Options options)
    {
        if (options.NumSteps <= 0)
            throw new TransformException(StatusKind.InvalidArgument, $"num_steps={options.NumSteps}: there must be at least one step");
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        if (!context.IsVerbatim)
            Check(options);
        return graph.Select(node => node.Op == "Const" ? Round(node, options.NumSteps, context) : node).AsNodesOnly(context);
    }

    private static Node Round(Node node, int steps, TransformContext context)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        Tensor value = ClassicConstants.Value(node, out DataType type);
        if (type != DataType.Float || value.ElementCount < MinimumSize)
            return node;
        ReadOnlySpan<float> elements = value.AsSpan<float>();
        if (!context.IsVerbatim && DeclineOf(elements) is { } reason)
        {
            context.Report(QuantizationDiagnostics.ConstantKept.At(node, reason));
            return node;
        }
        Tensor rounded = Tensor.Allocate<float>(DataType.Float, value.Shape, out var target);
        Round(elements, target, steps);
        context.Count("constants rounded");
        return Node.Constant(node.Name, rounded) with { Inputs = context.IsVerbatim ? [] : node.Inputs };
    }

    private static string? DeclineOf(ReadOnlySpan<float> elements)
    {
        if (!TensorPrimitives.IsFiniteAll(elements))
            return "it holds NaN or infinite elements";
        return float.IsFinite(TensorPrimitives.Max(elements) - TensorPrimitives.Min(elements)) ? null : "its range is wider than the largest float";
    }

    private static void Round(ReadOnlySpan<float> values, Span<float> target, int steps)
    {
        var (min, max) = ClassicRange.Of(values);
        if (min == max)
            (min, max) = MathF.Abs(min) < 1e-6f ? (min, min + 1f) : min > 0f ? (min, 2f * min) : (2f * min, max);
        float width = (max - min) / steps;
        for (int i = 0; i < values.Length; i++)
        {
            float position = MathF.Floor((values[i] - min) / width);
            target[i] = min + (width * (ToInt32(position) + 0.5f));
        }
    }

    /// <summary>The conversion of x86: what does not fit, NaN included, is the smallest integer.</summary>
    private static int ToInt32(float value) => value is >= -2147483648f and < 2147483648f ? (int)value : int.MinValue;
}
