using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Elementwise;

/// <summary>One pixel of a resized image and the four that it is between.</summary>
internal unsafe struct BilinearTile : IVectorWork
{
    public float* TopLeft;

    public float* TopRight;

    public float* BottomLeft;

    public float* BottomRight;

    /// <summary>Share of the right pixels.</summary>
    public float Across;

    /// <summary>Share of the bottom pixels.</summary>
    public float Down;

    public float* Output;

    public nint Channels;

    public readonly nint Length => Channels;

    public void Skip(nint channels)
    {
        TopLeft += channels;
        TopRight += channels;
        BottomLeft += channels;
        BottomRight += channels;
        Output += channels;
        Channels -= channels;
    }
}

/// <summary>Bilinear interpolation of one pixel, each operation rounded as in the reference kernel.</summary>
internal static unsafe class BilinearKernel<TIsa, TVector>
    where TIsa : struct, IFloatIsa<TVector>
    where TVector : struct
{
    public static void Run(BilinearTile* tile, nint channels)
    {
        TVector across = TIsa.Broadcast(tile->Across);
        TVector down = TIsa.Broadcast(tile->Down);
        for (nint c = 0; c < channels; c += TIsa.Lanes)
        {
            TVector above = Mix(TIsa.Load(tile->TopLeft + c), TIsa.Load(tile->TopRight + c), across);
            TVector below = Mix(TIsa.Load(tile->BottomLeft + c), TIsa.Load(tile->BottomRight + c), across);
            TIsa.Store(Mix(above, below, down), tile->Output + c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Mix(TVector x, TVector y, TVector share) => TIsa.Add(x, TIsa.Multiply(TIsa.MultiplyAdd(x, TIsa.Broadcast(-1), y), share));
}
