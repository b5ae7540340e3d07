using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransformFramework.Cpu.Plans.Operators.WideRounding;

/// <summary>Real values rounded to the steps of a range: round(held within the range · factor) · step, ties to even. NaN becomes 0.</summary>
internal sealed unsafe class WideRoundingOperator(PlanBuffer source, PlanBuffer target, WideSteps steps, float step) : BlockOperator
{
    private const int BlockElements = 32 << 10;

    private readonly nint count = (nint)(target.Bytes / sizeof(float));

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => (int)((count + BlockElements - 1) / BlockElements);

    public override void RunBlock(PlanRun run, int block)
    {
        nint first = (nint)block * BlockElements;
        float* reals = run.Floats(source) + first;
        float* rounded = run.Floats(target) + first;
        nint end = Math.Min(BlockElements, count - first);
        nint i = 0;
        for (; i + Vector256<float>.Count <= end; i += Vector256<float>.Count)
            Rounded(Vector256.Load(reals + i)).Store(rounded + i);
        for (; i < end; i++)
            rounded[i] = Rounded(Vector256.Create(reals[i])).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> Rounded(Vector256<float> reals) => (steps.Of(reals) + Vector256<float>.Zero) * step;
}
