using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.Winograd;

/// <summary>Sizes of Winograd's convolution F(2 × 2, 3 × 3).</summary>
internal static class WinogradTile
{
    /// <summary>Output rows and columns of a tile.</summary>
    public const int Outputs = 2;

    /// <summary>Input rows and columns of a tile.</summary>
    public const int Inputs = 4;

    /// <summary>Products of a tile: one matrix product each.</summary>
    public const int Products = Inputs * Inputs;
}

/// <summary>The 4 × 4 pixels of a tile, and where their transform Bᵀ·d·B goes: a row of each of the 16 matrices.</summary>
internal unsafe struct WinogradInput : IVectorWork
{
    /// <summary>What the pixels' offsets count from.</summary>
    public byte* Base;

    /// <summary>Byte offsets of the pixels, row by row.</summary>
    public int* Pixels;

    public float* Output;

    /// <summary>Floats from one matrix to the next.</summary>
    public nint MatrixStride;

    public nint Channels;

    public readonly nint Length => Channels;

    public void Skip(nint channels)
    {
        Base += channels * sizeof(float);
        Output += channels;
        Channels -= channels;
    }
}

/// <summary>Transforms the pixels of a tile, channel by channel. Source of the matrices: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015, section 4.1.</summary>
internal static unsafe class WinogradInputKernel<TIsa, TVector>
    where TIsa : struct, IFloatIsa<TVector>
    where TVector : struct
{
    public static void Run(WinogradInput* tile, nint channels)
    {
        nint stride = tile->MatrixStride;
        for (nint c = 0; c < channels; c += TIsa.Lanes)
        {
            byte* pixels = tile->Base + (c * sizeof(float));
            float* output = tile->Output + c;
            Row(pixels, tile->Pixels, out TVector a0, out TVector a1, out TVector a2, out TVector a3);
            Row(pixels, tile->Pixels + WinogradTile.Inputs, out TVector b0, out TVector b1, out TVector b2, out TVector b3);
            Row(pixels, tile->Pixels + (2 * WinogradTile.Inputs), out TVector c0, out TVector c1, out TVector c2, out TVector c3);
            Row(pixels, tile->Pixels + (3 * WinogradTile.Inputs), out TVector d0, out TVector d1, out TVector d2, out TVector d3);
            Column(a0, b0, c0, d0, output, stride);
            Column(a1, b1, c1, d1, output + stride, stride);
            Column(a2, b2, c2, d2, output + (2 * stride), stride);
            Column(a3, b3, c3, d3, output + (3 * stride), stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row(byte* pixels, int* offsets, out TVector r0, out TVector r1, out TVector r2, out TVector r3)
    {
        TVector first = TIsa.Load((float*)(pixels + offsets[0]));
        TVector second = TIsa.Load((float*)(pixels + offsets[1]));
        TVector third = TIsa.Load((float*)(pixels + offsets[2]));
        TVector fourth = TIsa.Load((float*)(pixels + offsets[3]));
        r0 = TIsa.Subtract(first, third);
        r1 = TIsa.Add(second, third);
        r2 = TIsa.Subtract(third, second);
        r3 = TIsa.Subtract(second, fourth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column(TVector first, TVector second, TVector third, TVector fourth, float* output, nint stride)
    {
        TIsa.Store(TIsa.Subtract(first, third), output);
        TIsa.Store(TIsa.Add(second, third), output + (4 * stride));
        TIsa.Store(TIsa.Subtract(third, second), output + (8 * stride));
        TIsa.Store(TIsa.Subtract(second, fourth), output + (12 * stride));
    }
}
