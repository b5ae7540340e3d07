using System.Numerics;
using System.Runtime.Intrinsics;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Elementwise;

namespace TransformFramework.Cpu.Microkernels.Elementwise;

/// <summary>Softmax of one row: exponentials and their sum by packets, as in the reference kernel, but that rows do not share packets.</summary>
internal static class SoftmaxKernel
{
    public static void Run(ReadOnlySpan<float> logits, Span<float> result)
    {
        float greatest = Greatest(logits);
        int packed = PacketMath.Packed(logits.Length);
        Subtract(logits, greatest, result);
        PacketVectors.Exp(result[..packed]);
        ExpOfRest(result[packed..]);
        Multiply(result, 1 / PacketMath.Sum(result));
    }

    /// <summary>eˣ of less than a packet, as part of one.</summary>
    private static void ExpOfRest(Span<float> values)
    {
        if (values.IsEmpty)
            return;
        Span<float> packet = stackalloc float[PacketMath.Width];
        packet.Clear();
        values.CopyTo(packet);
        PacketVectors.Exp(packet);
        packet[..values.Length].CopyTo(values);
    }

    private static float Greatest(ReadOnlySpan<float> values)
    {
        float greatest = float.NegativeInfinity;
        int i = 0;
        if (values.Length >= Vector256<float>.Count)
        {
            Vector256<float> most = Vector256.Create(greatest);
            for (; i + Vector256<float>.Count <= values.Length; i += Vector256<float>.Count)
            {
                Vector256<float> next = Vector256.Create(values.Slice(i, Vector256<float>.Count));
                most = Vector256.ConditionalSelect(Vector256.GreaterThan(next, most), next, most);
            }
            for (int lane = 0; lane < Vector256<float>.Count; lane++)
                greatest = most[lane] > greatest ? most[lane] : greatest;
        }
        for (; i < values.Length; i++)
            greatest = values[i] > greatest ? values[i] : greatest;
        return greatest;
    }

    private static void Subtract(ReadOnlySpan<float> values, float less, Span<float> result)
    {
        int i = 0;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
            (new Vector<float>(values[i..]) - new Vector<float>(less)).CopyTo(result[i..]);
        for (; i < values.Length; i++)
            result[i] = values[i] - less;
    }

    private static void Multiply(Span<float> values, float factor)
    {
        int packed = PacketMath.Packed(values.Length);
        for (int i = 0; i < packed; i += PacketMath.Width)
            PacketVectors.Flush(Vector256.Create((ReadOnlySpan<float>)values.Slice(i, PacketMath.Width)) * factor).CopyTo(values[i..]);
        for (int i = packed; i < values.Length; i++)
            values[i] = Denormals.Flush(values[i] * factor);
    }
}
