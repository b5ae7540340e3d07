using System.Collections.Immutable;
using TransformFramework.Cpu.Compiled.Forms;
using TransformFramework.Cpu.Vectors;

namespace TransformFramework.Cpu.Compiled.Steps;

/// <summary>8-bit codes in a buffer, and what they count.</summary>
internal readonly record struct ScaledBuffer(PlanBuffer Buffer, CodedSource Source);

/// <summary>The sum of two tensors of codes as codes.</summary>
internal sealed unsafe class ScaledSumStep(CodeVectors vectors, ScaledBuffer x, ScaledBuffer y, CodedResult result, PlanBuffer target) : BlockStep
{
    private const int BlockElements = 64 << 10;

    private readonly nint count = (nint)target.Bytes;

    public override ImmutableArray<PlanBuffer> Reads { get; } = [x.Buffer, y.Buffer];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => (int)((count + BlockElements - 1) / BlockElements);

    public override void RunBlock(PlanRun run, int block)
    {
        nint first = (nint)block * BlockElements;
        ScaledSum sum = new()
        {
            X = Operand(run, x, first),
            Y = Operand(run, y, first),
            Low = result.Low,
            High = result.High,
            Scaling = result.Scaling,
            Output = run.Pointer(target) + first,
            Count = Math.Min(BlockElements, count - first),
        };
        vectors.AddScaled(&sum);
    }

    private static ScaledCodesOperand Operand(PlanRun run, ScaledBuffer codes, nint first) =>
        new() { Codes = run.Pointer(codes.Buffer) + first, Scale = new(codes.Source.Step, codes.Source.IsSigned) };
}
