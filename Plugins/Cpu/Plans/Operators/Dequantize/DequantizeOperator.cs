using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Cpu.Microkernels;

namespace TransformFramework.Cpu.Plans.Operators.Dequantize;

/// <summary>quint8 values to floats by MIN_FIRST.</summary>
internal sealed unsafe class DequantizeOperator(Int8Vectors vectors, PlanBuffer source, RangeBuffers range, PlanBuffer target) : BlockOperator
{
    private const int BlockElements = 64 << 10;

    private readonly nint count = (nint)source.Bytes;

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source, range.Min, range.Max];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => (int)((count + BlockElements - 1) / BlockElements);

    public override void RunBlock(PlanRun run, int block)
    {
        nint first = (nint)block * BlockElements;
        vectors.Dequantize(run.Pointer(source) + first, run.Floats(target) + first, Math.Min(BlockElements, count - first), new TensorDequantization<byte>(run.Range(range)));
    }
}
