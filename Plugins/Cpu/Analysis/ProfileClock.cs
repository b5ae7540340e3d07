using System.Collections.Immutable;
using System.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Analysis;

/// <summary>Times the steps of one run for a profile.</summary>
internal sealed class ProfileClock(Action<StepTiming> profile)
{
    private readonly long run = Stopwatch.GetTimestamp();
    private long step;

    /// <summary>The clock of a run; null when nothing is to be measured.</summary>
    public static ProfileClock? Start(Action<StepTiming>? profile) => profile is null ? null : new(profile);

    /// <summary>Bytes of the elements of tensors, without strings.</summary>
    public static long BytesOf(IEnumerable<Tensor?> tensors) => tensors.Sum(tensor => tensor is null ? 0 : tensor.ElementCount * tensor.Type.Size());

    public void Begin() => step = Stopwatch.GetTimestamp();

    /// <summary>Ends a step without tensors.</summary>
    public void End(Node node) => profile(Timing(node, outputBytes: 0));

    /// <summary>Ends a step of a plan.</summary>
    public void End(Node node, NodeShapes shapes, long outputBytes) => profile(Timing(node, outputBytes) with { InputShapes = shapes.Inputs, OutputShapes = shapes.Outputs });

    /// <summary>Ends a step.</summary>
    public void End(Node node, IEnumerable<Tensor?> inputs, IReadOnlyCollection<Tensor?> outputs) =>
        profile(Timing(node, BytesOf(outputs)) with { InputShapes = ShapesOf(inputs), OutputShapes = ShapesOf(outputs) });

    private static ImmutableArray<TensorShape> ShapesOf(IEnumerable<Tensor?> tensors) => [.. tensors.Select(tensor => tensor?.Shape ?? TensorShape.Unknown)];

    private StepTiming Timing(Node node, long outputBytes) => new(node, Stopwatch.GetElapsedTime(run, step), Stopwatch.GetElapsedTime(step), outputBytes);
}
