using TransformFramework.Execution;

namespace TransformFramework.Cpu.Plans;

/// <summary>Choices of a plan.</summary>
/// <param name="Threads">Threads of a run, at least 1.</param>
internal sealed record PlanOptions(int Threads)
{
    /// <summary>Leaves Winograd's convolution out.</summary>
    public bool DirectConvolution { get; init; }

    /// <summary>Lets the memory of an output that was handed over hold what is computed next.</summary>
    public bool HandsOutputsOver { get; init; }

    public FloatPrecision Precision { get; init; }

    public static PlanOptions Of(CompileOptions options) =>
        new(options.Threads > 0 ? options.Threads : Environment.ProcessorCount) { DirectConvolution = options.DirectConvolution, HandsOutputsOver = options.HandsOutputsOver, Precision = options.Precision };
}
