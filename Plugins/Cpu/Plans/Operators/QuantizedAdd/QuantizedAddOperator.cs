using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Quantized.Arithmetic;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Requantize;

namespace TransformFramework.Cpu.Plans.Operators.QuantizedAdd;

/// <summary>quint8 values and their range.</summary>
internal readonly record struct QuantizedAddend(PlanBuffer Quantized, RangeBuffers Range);

/// <summary>Sums of quint8 values as qint32 values, each residual along a straight line, and their range.</summary>
internal sealed unsafe class QuantizedAddOperator(Int8Vectors vectors, QuantizedAddend x, QuantizedAddend y, PlanBuffer target, RangeBuffers result, AccumulatorRange accumulatorRange, ReferenceChain reference) : BlockOperator
{
    private const int BlockElements = 64 << 10;

    private readonly PlanBuffer work = new(sizeof(LinearSum));
    private readonly nint count = (nint)(target.Bytes / sizeof(int));

    public override ImmutableArray<PlanBuffer> Reads { get; } = [x.Quantized, x.Range.Min, x.Range.Max, y.Quantized, y.Range.Min, y.Range.Max];

    public override ImmutableArray<PlanBuffer> Writes => [target, result.Min, result.Max, accumulatorRange.Buffer, work];

    public override int Blocks => (int)((count + BlockElements - 1) / BlockElements);

    public override void Run(PlanRun run)
    {
        accumulatorRange.Clear(run);
        if (TryPlan(run))
        {
            run.RunBlocks(this);
            return;
        }
        reference.Run(run);
        int* accumulators = run.Integers(target);
        for (nint i = 0; i < count; i++)
            Gather(run, accumulators[i], accumulators[i]);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        LinearSum part = *(LinearSum*)run.Pointer(work);
        nint first = (nint)block * BlockElements;
        part.X += first;
        part.Y += first;
        part.Output += first;
        part.Count = Math.Min(BlockElements, count - first);
        vectors.AddLinear(&part);
        lock (run.Gate)
            Gather(run, part.Least, part.Greatest);
    }

    private bool TryPlan(PlanRun run)
    {
        QuantizationRange xRange = run.Range(x.Range);
        QuantizationRange yRange = run.Range(y.Range);
        QuantizationRange sumRange = Kernels.Quantized.Arithmetic.QuantizedAdd.ResultRange(xRange.Flushed, yRange.Flushed);
        if (!xRange.IsFinite || !yRange.IsFinite || !sumRange.IsFinite)
            return false;
        var ofX = new LinearRequantization(xRange, sumRange);
        var ofY = new LinearRequantization(yRange, sumRange);
        if (!ofX.IsUnclamped || !ofY.IsUnclamped)
            return false;
        *(LinearSum*)run.Pointer(work) = new()
        {
            X = run.Pointer(x.Quantized),
            Y = run.Pointer(y.Quantized),
            ScaleX = ofX.Scale,
            ScaleY = ofY.Scale,
            Offset = unchecked((int)(ofX.First + ofY.First)),
            Output = run.Integers(target),
        };
        run.SetRange(result, sumRange);
        return true;
    }

    private void Gather(PlanRun run, int least, int greatest)
    {
        int* whole = run.Integers(accumulatorRange.Buffer);
        whole[0] = Math.Min(whole[0], least);
        whole[1] = Math.Max(whole[1], greatest);
    }
}
