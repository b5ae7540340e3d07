using System.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Running;

/// <summary>Times the steps of one run for a profile.</summary>
internal sealed class StepClock(Action<StepTiming> profile)
{
    private readonly long run = Stopwatch.GetTimestamp();
    private long step;

    /// <summary>The clock of a run; null when nothing is to be measured.</summary>
    public static StepClock? Start(Action<StepTiming>? profile) => profile is null ? null : new(profile);

    /// <summary>Bytes of the elements of tensors, without strings.</summary>
    public static long BytesOf(IEnumerable<Tensor?> tensors) => tensors.Sum(tensor => tensor is null ? 0 : tensor.ElementCount * tensor.Type.Size());

    public void Begin() => step = Stopwatch.GetTimestamp();

    public void End(Node node, long outputBytes) => profile(new(node, Stopwatch.GetElapsedTime(run, step), Stopwatch.GetElapsedTime(step), outputBytes));
}
