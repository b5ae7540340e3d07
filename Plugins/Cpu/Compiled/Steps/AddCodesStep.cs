using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Vectors;

namespace TransformFramework.Cpu.Compiled.Steps;

/// <summary>quint8 codes and their range.</summary>
internal readonly record struct CodeSummand(PlanBuffer Codes, PlanRange Range);

/// <summary>Sums of quint8 codes as qint32 codes, each summand along a straight line, and their extent.</summary>
internal sealed unsafe class AddCodesStep(CodeVectors vectors, CodeSummand x, CodeSummand y, PlanBuffer target, PlanRange result, CodeExtents extents, ReferenceChain reference) : BlockStep
{
    private const int BlockElements = 64 << 10;

    private readonly PlanBuffer work = new(sizeof(LineSum));
    private readonly nint count = (nint)(target.Bytes / sizeof(int));

    public override ImmutableArray<PlanBuffer> Reads { get; } = [x.Codes, x.Range.Min, x.Range.Max, y.Codes, y.Range.Min, y.Range.Max];

    public override ImmutableArray<PlanBuffer> Writes => [target, result.Min, result.Max, extents.Buffer, work];

    public override int Blocks => (int)((count + BlockElements - 1) / BlockElements);

    public override void Run(PlanRun run)
    {
        extents.Clear(run);
        if (TryPlan(run))
        {
            run.RunBlocks(this);
            return;
        }
        reference.Run(run);
        int* sums = run.Integers(target);
        for (nint i = 0; i < count; i++)
            Gather(run, sums[i], sums[i]);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        LineSum part = *(LineSum*)run.Pointer(work);
        nint first = (nint)block * BlockElements;
        part.X += first;
        part.Y += first;
        part.Output += first;
        part.Count = Math.Min(BlockElements, count - first);
        vectors.AddLines(&part);
        lock (run.Gate)
            Gather(run, part.Least, part.Greatest);
    }

    private bool TryPlan(PlanRun run)
    {
        CodeRange xRange = run.Range(x.Range);
        CodeRange yRange = run.Range(y.Range);
        CodeRange sumRange = QuantizedAdd.ResultRange(xRange.Flushed, yRange.Flushed);
        if (!xRange.IsOrdinary || !yRange.IsOrdinary || !sumRange.IsOrdinary)
            return false;
        var ofX = new LinearRequantization(xRange, sumRange);
        var ofY = new LinearRequantization(yRange, sumRange);
        if (!ofX.IsUnclamped || !ofY.IsUnclamped)
            return false;
        *(LineSum*)run.Pointer(work) = new()
        {
            X = run.Pointer(x.Codes),
            Y = run.Pointer(y.Codes),
            StepX = ofX.Step,
            StepY = ofY.Step,
            Start = unchecked((int)(ofX.First + ofY.First)),
            Output = run.Integers(target),
        };
        run.SetRange(result, sumRange);
        return true;
    }

    private void Gather(PlanRun run, int least, int greatest)
    {
        int* whole = run.Integers(extents.Buffer);
        whole[0] = Math.Min(whole[0], least);
        whole[1] = Math.Max(whole[1], greatest);
    }
}
