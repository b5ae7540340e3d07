using System.Collections.Immutable;
using System.Numerics;

namespace TransformFramework.Cpu.Plans;

/// <summary>qint8 values plus 128, as products take them: the sign bit of each flipped.</summary>
internal sealed unsafe class FlipSignOperator(PlanBuffer source, PlanBuffer target) : Operator
{
    private const byte SignBit = 0x80;

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override void Run(PlanRun run)
    {
        byte* quantized = run.Pointer(source);
        byte* flipped = run.Pointer(target);
        nint count = (nint)source.Bytes;
        nint whole = count - (count % Vector<byte>.Count);
        for (nint i = 0; i < whole; i += Vector<byte>.Count)
            Vector.Store(Vector.Load(quantized + i) ^ new Vector<byte>(SignBit), flipped + i);
        for (nint i = whole; i < count; i++)
            flipped[i] = (byte)(quantized[i] ^ SignBit);
    }
}
