using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransformFramework.Cpu.Plans.Operators.WideRounding;

/// <summary>Real values as quantized values of 16 bits: round(held within the range · factor), ties to even. NaN becomes 0.</summary>
internal sealed unsafe class WideQuantizeOperator(PlanBuffer source, PlanBuffer target, WideSteps steps) : BlockOperator
{
    private const int BlockElements = 32 << 10;

    private readonly nint count = (nint)(target.Bytes / sizeof(short));

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => (int)((count + BlockElements - 1) / BlockElements);

    public override void RunBlock(PlanRun run, int block)
    {
        nint first = (nint)block * BlockElements;
        float* reals = run.Floats(source) + first;
        short* quantized = (short*)run.Pointer(target) + first;
        nint end = Math.Min(BlockElements, count - first);
        nint i = 0;
        for (; i + Vector256<short>.Count <= end; i += Vector256<short>.Count)
            Vector256.Narrow(Quantized(Vector256.Load(reals + i)), Quantized(Vector256.Load(reals + i + Vector256<float>.Count))).Store(quantized + i);
        for (; i < end; i++)
            quantized[i] = (short)Quantized(Vector256.Create(reals[i])).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<int> Quantized(Vector256<float> reals) => Vector256.ConvertToInt32(steps.Of(reals));
}
