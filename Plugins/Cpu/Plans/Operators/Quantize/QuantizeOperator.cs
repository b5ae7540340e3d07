using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Cpu.Microkernels;

namespace TransformFramework.Cpu.Plans.Operators.Quantize;

/// <summary>Floats to quint8 values by MIN_FIRST, the range widened first as QuantizeV2 does.</summary>
internal sealed unsafe class QuantizeOperator(Int8Vectors vectors, PlanBuffer source, RangeBuffers given, float minimumRange, PlanBuffer target, RangeBuffers result) : BlockOperator
{
    private const int BlockElements = 64 << 10;

    private readonly nint count = (nint)target.Bytes;

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source, given.Min, given.Max];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target, result.Min, result.Max];

    public override int Blocks => (int)((count + BlockElements - 1) / BlockElements);

    public override void Run(PlanRun run)
    {
        run.SetRange(result, QuantizeV2.Widen(run.Range(given).Flushed, minimumRange));
        run.RunBlocks(this);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        nint first = (nint)block * BlockElements;
        vectors.Quantize(run.Floats(source) + first, run.Pointer(target) + first, Math.Min(BlockElements, count - first), new TensorQuantization<byte>(run.Range(result)));
    }
}
