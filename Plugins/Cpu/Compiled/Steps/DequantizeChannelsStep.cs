using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels;

namespace TransformFramework.Cpu.Compiled.Steps;

/// <summary>qint32 codes of a range for each channel to floats by SCALED.</summary>
internal sealed unsafe class DequantizeChannelsStep(PlanBuffer source, float[] scales, PlanBuffer target) : BlockStep
{
    private readonly int rows = (int)(target.Bytes / sizeof(float) / scales.Length);

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => rows;

    public override void RunBlock(PlanRun run, int block)
    {
        int* codes = run.Integers(source) + ((nint)block * scales.Length);
        float* numbers = run.Floats(target) + ((nint)block * scales.Length);
        for (int c = 0; c < scales.Length; c++)
            numbers[c] = Denormals.Flush(Truncation.ToInt32(codes[c]) * scales[c]);
    }
}
