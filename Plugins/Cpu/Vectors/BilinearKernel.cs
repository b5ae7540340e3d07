using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Gemm;

namespace TransformFramework.Cpu.Vectors;

/// <summary>One pixel of a resized image and the four that it lies between.</summary>
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
internal static unsafe class BilinearKernel<TSet, TVector>
    where TSet : struct, IFloatSet<TVector>
    where TVector : struct
{
    public static void Run(BilinearTile* tile, nint channels)
    {
        TVector across = TSet.Broadcast(tile->Across);
        TVector down = TSet.Broadcast(tile->Down);
        for (nint c = 0; c < channels; c += TSet.Width)
        {
            TVector above = Mix(TSet.Load(tile->TopLeft + c), TSet.Load(tile->TopRight + c), across);
            TVector below = Mix(TSet.Load(tile->BottomLeft + c), TSet.Load(tile->BottomRight + c), across);
            TSet.Store(Mix(above, below, down), tile->Output + c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Mix(TVector x, TVector y, TVector share) => TSet.Add(x, TSet.Multiply(TSet.MultiplyAdd(x, TSet.Broadcast(-1), y), share));
}
