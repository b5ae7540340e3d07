using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Pad;

/// <summary>Copies a tensor into the middle of a larger one and fills the rest with one value.</summary>
internal sealed class PadOperator(PlanBuffer source, PlanBuffer target, TensorShape from, TensorShape to, long[] before, int elementBytes, byte[] fill) : Operator
{
    private readonly long[] sourceStrides = Strides(from, elementBytes);
    private readonly long[] targetStrides = Strides(to, elementBytes);

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override void Run(PlanRun run)
    {
        Span<byte> bytes = run.Bytes(target)[..(int)(to.ElementCount * elementBytes)];
        Fill(bytes);
        Copy(run.Bytes(source), bytes, 0);
    }

    /// <summary>Copies of what is filled already, twice as many each time.</summary>
    private void Fill(Span<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        fill.CopyTo(bytes);
        for (int filled = fill.Length; filled < bytes.Length; filled *= 2)
            bytes[..Math.Min(filled, bytes.Length - filled)].CopyTo(bytes[filled..]);
    }

    private void Copy(ReadOnlySpan<byte> read, Span<byte> written, int axis)
    {
        if (axis >= from.Rank - 1 || IsWholeFrom(axis + 1))
        {
            long start = axis < from.Rank ? before[axis] * targetStrides[axis] : 0;
            int length = axis < from.Rank ? (int)(from[axis] * sourceStrides[axis]) : elementBytes;
            read[..length].CopyTo(written[(int)start..]);
            return;
        }
        for (long i = 0; i < from[axis]; i++)
            Copy(read[(int)(i * sourceStrides[axis])..], written[(int)((before[axis] + i) * targetStrides[axis])..], axis + 1);
    }

    /// <summary>True when neither this dimension nor those after it are padded.</summary>
    private bool IsWholeFrom(int axis)
    {
        for (int i = axis; i < from.Rank; i++)
        {
            if (from[i] != to[i])
                return false;
        }
        return true;
    }

    private static long[] Strides(TensorShape shape, int elementBytes)
    {
        long[] strides = new long[shape.Rank];
        long stride = elementBytes;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strides;
    }
}
