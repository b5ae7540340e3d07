using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Execution;

namespace TransformFramework.Cpu.Microkernels.Trials;

/// <summary>The catalogue for benchmarks: every kernel by name, with operands of one size where this machine can run it.</summary>
internal static unsafe class MicrokernelTrials
{
    /// <summary>Channels or elements that a vector kernel is timed with.</summary>
    private const int Length = 1024;

    public static IEnumerable<MicrokernelInfo> All => MicrokernelCatalog.All.Select(kernel => new MicrokernelInfo(kernel.Name, MicrokernelCatalog.SetOf(kernel.Isa) is { } set ? () => Prepare(kernel, set) : null));

    private static MicrokernelTrial Prepare(Microkernel kernel, MicrokernelSet set)
    {
        var random = new Random(1);
        Trial trial = GemmTrials.Find(kernel, set, random) ?? VectorTrials.Of(kernel.Operation, set, new(random, Length), Length, kernel.Contract.Mr);
        var output = new AlignedMemory(trial.Bytes);
        return new(trial.Size, trial.Operations, () => trial.Run(output.Pointer));
    }
}
