using TransformFramework.Cpu.Gemm;

namespace TransformFramework.Cpu.Vectors;

/// <summary>Float kernels over channels, by the vectors of one instruction set; what does not fill a vector is left to the next narrower one.</summary>
internal sealed unsafe class FloatVectors
{
    /// <summary>Most output pixels of one call of <see cref="Depthwise"/>.</summary>
    public const int MostPixels = 8;

    private readonly VectorKernels kernels;

    private FloatVectors(VectorKernels kernels) => this.kernels = kernels;

    private enum Kernel
    {
        Depthwise1,
        Depthwise2,
        Depthwise4,
        Depthwise8,
        MaxPool,
        SumPool,
        Affine,
        Bilinear,
        Least,
        Greatest,
    }

    public static FloatVectors Of<TSet, TVector>(Func<FloatVectors>? narrower)
        where TSet : struct, IFloatSet<TVector>
        where TVector : struct =>
        new(new(TSet.Width,
        [
            (nint)(delegate*<DepthwiseTile*, nint, void>)&DepthwiseKernel<TSet, TVector>.Run<Count1>,
            (nint)(delegate*<DepthwiseTile*, nint, void>)&DepthwiseKernel<TSet, TVector>.Run<Count2>,
            (nint)(delegate*<DepthwiseTile*, nint, void>)&DepthwiseKernel<TSet, TVector>.Run<Count4>,
            (nint)(delegate*<DepthwiseTile*, nint, void>)&DepthwiseKernel<TSet, TVector>.Run<Count8>,
            (nint)(delegate*<PoolTile*, nint, void>)&PoolKernel<TSet, TVector>.Max,
            (nint)(delegate*<PoolTile*, nint, void>)&PoolKernel<TSet, TVector>.Sum,
            (nint)(delegate*<AffineRows*, nint, void>)&AffineKernel<TSet, TVector>.Run,
            (nint)(delegate*<BilinearTile*, nint, void>)&BilinearKernel<TSet, TVector>.Run,
            (nint)(delegate*<Extreme*, nint, void>)&ExtremeKernel<TSet, TVector>.Least,
            (nint)(delegate*<Extreme*, nint, void>)&ExtremeKernel<TSet, TVector>.Greatest,
        ], narrower is null ? null : () => narrower().kernels));

    /// <summary>Sums over the taps of <paramref name="pixels"/> (8, 4, 2 or 1) windows that lie side by side, each channel by its own weights.</summary>
    public void Depthwise(DepthwiseTile* tile, int pixels) => Run(Kernel.Depthwise1 + int.Log2(pixels), tile);

    /// <summary>The largest value of one window, channel by channel.</summary>
    public void MaxPool(PoolTile* tile) => Run(Kernel.MaxPool, tile);

    /// <summary>The sum of one window times a factor, channel by channel.</summary>
    public void SumPool(PoolTile* tile) => Run(Kernel.SumPool, tile);

    /// <summary>Rows of y = clamp(x · scale + offset + residual), scale and offset by channel.</summary>
    public void Affine(AffineRows* rows) => Run(Kernel.Affine, rows);

    /// <summary>One pixel between four others.</summary>
    public void Bilinear(BilinearTile* tile) => Run(Kernel.Bilinear, tile);

    /// <summary>The least number; of zeros alone either may come out.</summary>
    public float Least(float* numbers, nint count) => Gather(Kernel.Least, new Extreme { Numbers = numbers, Count = count, Value = float.PositiveInfinity }).Value;

    /// <summary>The greatest number; of zeros alone either may come out.</summary>
    public float Greatest(float* numbers, nint count) => Gather(Kernel.Greatest, new Extreme { Numbers = numbers, Count = count, Value = float.NegativeInfinity }).Value;

    private void Run<TWork>(Kernel kernel, TWork* work)
        where TWork : unmanaged, IVectorWork => kernels.Run((int)kernel, work);

    private TWork Gather<TWork>(Kernel kernel, TWork work)
        where TWork : unmanaged, IVectorWork => kernels.Gather((int)kernel, work);
}
