using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Microkernels.Gemm.F32;

namespace TransformFramework.Cpu.Microkernels.Gemm.Bf16;

/// <summary>
/// Products of numbers rounded to bfloat16, with float sums: for each tap and pair of neighbours the product of the second is added, then that of the first, each with one rounding, as <c>vdpbf16ps</c> does. All
/// give the same bits, but for denormal sums, which that instruction takes as zero.
/// </summary>
internal abstract unsafe class Bf16Products(F32GemmKernels tiles, int elementBytes)
{
    /// <summary>Neighbours that are multiplied together: the depth of a product is a multiple of it.</summary>
    public const int Pair = 2;

    /// <summary>The tile kernels.</summary>
    public F32GemmKernels Tiles { get; } = tiles;

    /// <summary>Bytes of a rounded number.</summary>
    public int ElementBytes { get; } = elementBytes;

    /// <summary>Rounds inputs, an even number of them. The target may be the source.</summary>
    public abstract void Round(float* source, byte* target, nint count);

    /// <summary>Rounds and packs weights.</summary>
    /// <param name="weights">Row-major [taps · depth, columns].</param>
    /// <param name="taps">Number of taps.</param>
    /// <param name="depth">Rows of weights a tap, even.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="scale">Factor of each column, applied before rounding; empty for none.</param>
    /// <param name="bias">Start of each column's sums, a float; empty for zeros.</param>
    public F32Panels Pack(ReadOnlySpan<float> weights, int taps, int depth, int columns, ReadOnlySpan<float> scale, ReadOnlySpan<float> bias)
    {
        float[] scaled = weights.ToArray();
        for (int i = 0; scale.Length > 0 && i < scaled.Length; i++)
            scaled[i] *= scale[i % columns];
        return PackScaled(scaled, taps, depth, columns, bias);
    }

    /// <summary>The number nearest to a float among those of bfloat16, ties to even; zero of the same sign for a denormal, as the instructions have it.</summary>
    protected static ushort Round(float value) => BFloat16.FromFloat(Denormals.Flush(value));

    protected abstract F32Panels PackScaled(float[] weights, int taps, int depth, int columns, ReadOnlySpan<float> bias);
}
