using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels;

namespace TransformFramework.Cpu.Plans.Operators.UniformQuantizedDot;

/// <summary>Where quantized rows are: their values, a float scale and an int32 zero point a row.</summary>
internal sealed record DynamicRowBuffers(PlanBuffer Reals, PlanBuffer Quantized, PlanBuffer Scales, PlanBuffer ZeroPoints, int Length)
{
    public unsafe DynamicRows Of(PlanRun run) => new()
    {
        Reals = run.Floats(Reals),
        Quantized = run.Pointer(Quantized),
        Scales = run.Floats(Scales),
        ZeroPoints = run.Integers(ZeroPoints),
        Length = Length,
    };
}

/// <summary>Quantizes each row of a matrix by its own range.</summary>
internal sealed class QuantizeRowsOperator(MicrokernelSet kernels, DynamicRowBuffers buffers, int rows) : BlockOperator
{
    private const int BlockElements = 32 << 10;

    private readonly int blockRows = Math.Max(1, BlockElements / buffers.Length);

    public override ImmutableArray<PlanBuffer> Reads { get; } = [buffers.Reals];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [buffers.Quantized, buffers.Scales, buffers.ZeroPoints];

    public override int Blocks => (rows + blockRows - 1) / blockRows;

    public override void RunBlock(PlanRun run, int block) => buffers.Of(run).Quantize(kernels, block * blockRows, Math.Min(rows, (block + 1) * blockRows));
}
