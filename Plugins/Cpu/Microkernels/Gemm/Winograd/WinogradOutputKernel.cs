using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.Winograd;

/// <summary>A row of each of the 16 products of a tile, and the output pixels that Aᵀ·m·A makes of them: y = clamp(transform + bias + residual).</summary>
internal unsafe struct WinogradOutput : IVectorWork
{
    public float* Input;

    /// <summary>Floats from one product to the next.</summary>
    public nint MatrixStride;

    public float* Bias;

    /// <summary>Laid out like the output; may be null, and may be the output.</summary>
    public float* Residual;

    public float* Output;

    /// <summary>Rows and columns of the tile inside the output image: 1 or 2.</summary>
    public int Rows;

    public int Columns;

    /// <summary>Floats from one row of the output image to the next, and from one pixel to the next.</summary>
    public nint RowStride;

    public nint PixelStride;

    public nint Channels;

    public float Low;

    public float High;

    /// <summary>As many floats as the widest vector has: zeros as long as all transforms are finite, else some are not numbers.</summary>
    public float* Check;

    public readonly nint Length => Channels;

    public void Skip(nint channels)
    {
        Input += channels;
        Bias += channels;
        Residual = Residual == null ? null : Residual + channels;
        Output += channels;
        Channels -= channels;
    }
}

/// <summary>Transforms the products of a tile, channel by channel.</summary>
internal static unsafe class WinogradOutputKernel<TIsa, TVector>
    where TIsa : struct, IFloatIsa<TVector>
    where TVector : struct
{
    public static void Run(WinogradOutput* tile, nint channels)
    {
        nint stride = tile->MatrixStride;
        TVector check = TIsa.Load(tile->Check);
        for (nint c = 0; c < channels; c += TIsa.Lanes)
        {
            float* input = tile->Input + c;
            Column(input, stride, out TVector a0, out TVector b0);
            Column(input + stride, stride, out TVector a1, out TVector b1);
            Column(input + (2 * stride), stride, out TVector a2, out TVector b2);
            Column(input + (3 * stride), stride, out TVector a3, out TVector b3);
            Row(tile, c, a0, a1, a2, a3, c, ref check);
            if (tile->Rows > 1)
                Row(tile, c + tile->RowStride, b0, b1, b2, b3, c, ref check);
        }
        TIsa.Store(check, tile->Check);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column(float* input, nint stride, out TVector upper, out TVector lower)
    {
        TVector second = TIsa.Load(input + (4 * stride));
        TVector third = TIsa.Load(input + (8 * stride));
        upper = TIsa.Add(TIsa.Add(TIsa.Load(input), second), third);
        lower = TIsa.Subtract(TIsa.Subtract(second, third), TIsa.Load(input + (12 * stride)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row(WinogradOutput* tile, nint at, TVector first, TVector second, TVector third, TVector fourth, nint channel, ref TVector check)
    {
        TVector bias = TIsa.Load(tile->Bias + channel);
        Store(tile, at, TIsa.Add(TIsa.Add(first, second), third), bias, ref check);
        if (tile->Columns > 1)
            Store(tile, at + tile->PixelStride, TIsa.Subtract(TIsa.Subtract(second, third), fourth), bias, ref check);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(WinogradOutput* tile, nint at, TVector transform, TVector bias, ref TVector check)
    {
        check = TIsa.MultiplyAdd(transform, TIsa.Broadcast(0), check);
        TVector value = TIsa.Add(transform, bias);
        if (tile->Residual != null)
            value = TIsa.Add(value, TIsa.Load(tile->Residual + at));
        TIsa.Store(TIsa.AtMost(TIsa.AtLeast(value, TIsa.Broadcast(tile->Low)), TIsa.Broadcast(tile->High)), tile->Output + at);
    }
}
