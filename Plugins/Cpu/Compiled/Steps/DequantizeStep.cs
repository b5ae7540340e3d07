using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Vectors;

namespace TransformFramework.Cpu.Compiled.Steps;

/// <summary>quint8 codes to floats by MIN_FIRST.</summary>
internal sealed unsafe class DequantizeStep(CodeVectors vectors, PlanBuffer source, PlanRange range, PlanBuffer target) : BlockStep
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
