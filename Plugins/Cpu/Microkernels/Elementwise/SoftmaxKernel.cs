using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TransformFramework.Cpu.Microkernels.Elementwise;

/// <summary>Softmax of one row, computed in double precision and rounded once.</summary>
internal static class SoftmaxKernel
{
    private const int Part = 512;

    public static void Run(ReadOnlySpan<float> logits, Span<float> result)
    {
        float max = float.NegativeInfinity;
        foreach (float value in logits)
            max = value > max ? value : max;
        double sum = 0;
        Span<double> part = stackalloc double[Part];
        for (int start = 0; start < logits.Length; start += Part)
        {
            Span<double> powers = part[..Math.Min(Part, logits.Length - start)];
            Exponentials(logits.Slice(start, powers.Length), max, powers);
            foreach (double power in powers)
                sum += power;
        }
        for (int start = 0; start < logits.Length; start += Part)
        {
            Span<double> powers = part[..Math.Min(Part, logits.Length - start)];
            if (logits.Length > Part)
                Exponentials(logits.Slice(start, powers.Length), max, powers);
            for (int i = 0; i < powers.Length; i++)
                result[start + i] = Kernels.Denormals.Flush((float)(powers[i] / sum));
        }
    }

    private static void Exponentials(ReadOnlySpan<float> logits, double max, Span<double> powers)
    {
        for (int i = 0; i < powers.Length; i++)
            powers[i] = Kernels.Denormals.Flush(logits[i]) - max;
        var wide = MemoryMarshal.Cast<double, Vector256<double>>(powers);
        for (int i = 0; i < wide.Length; i++)
            wide[i] = Vector256.Exp(wide[i]);
        for (int i = wide.Length * Vector256<double>.Count; i < powers.Length; i++)
            powers[i] = Math.Exp(powers[i]);
    }
}
