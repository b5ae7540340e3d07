using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels;

namespace TransformFramework.Cpu.Plans.Operators.Dequantize;

/// <summary>qint32 values of a range for each channel to floats by SCALED.</summary>
internal sealed unsafe class DequantizeChannelsOperator(PlanBuffer source, float[] scales, PlanBuffer target) : BlockOperator
{
    private readonly int rows = (int)(target.Bytes / sizeof(float) / scales.Length);

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => rows;

    public override void RunBlock(PlanRun run, int block)
    {
        int* quantized = run.Integers(source) + ((nint)block * scales.Length);
        float* reals = run.Floats(target) + ((nint)block * scales.Length);
        for (int c = 0; c < scales.Length; c++)
            reals[c] = Denormals.Flush(Truncation.ToInt32(quantized[c]) * scales[c]);
    }
}
