using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Elementwise;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Pooling;

namespace TransformFramework.Cpu.Microkernels;

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

    public static FloatVectors Of<TIsa, TVector>(Func<FloatVectors>? narrower)
        where TIsa : struct, IFloatIsa<TVector>
        where TVector : struct =>
        new(new(TIsa.Lanes,
        [
            (nint)(delegate*<DepthwiseTile*, nint, void>)&DepthwiseKernel<TIsa, TVector>.Run<Count1>,
            (nint)(delegate*<DepthwiseTile*, nint, void>)&DepthwiseKernel<TIsa, TVector>.Run<Count2>,
            (nint)(delegate*<DepthwiseTile*, nint, void>)&DepthwiseKernel<TIsa, TVector>.Run<Count4>,
            (nint)(delegate*<DepthwiseTile*, nint, void>)&DepthwiseKernel<TIsa, TVector>.Run<Count8>,
            (nint)(delegate*<PoolTile*, nint, void>)&PoolKernel<TIsa, TVector>.Max,
            (nint)(delegate*<PoolTile*, nint, void>)&PoolKernel<TIsa, TVector>.Sum,
            (nint)(delegate*<AffineRows*, nint, void>)&AffineKernel<TIsa, TVector>.Run,
            (nint)(delegate*<BilinearTile*, nint, void>)&BilinearKernel<TIsa, TVector>.Run,
            (nint)(delegate*<MinMaxTile*, nint, void>)&MinMaxKernel<TIsa, TVector>.Least,
            (nint)(delegate*<MinMaxTile*, nint, void>)&MinMaxKernel<TIsa, TVector>.Greatest,
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
    public float Least(float* reals, nint count) => Gather(Kernel.Least, new MinMaxTile { Reals = reals, Count = count, Value = float.PositiveInfinity }).Value;

    /// <summary>The greatest number; of zeros alone either may come out.</summary>
    public float Greatest(float* reals, nint count) => Gather(Kernel.Greatest, new MinMaxTile { Reals = reals, Count = count, Value = float.NegativeInfinity }).Value;

    private void Run<TWork>(Kernel kernel, TWork* work)
        where TWork : unmanaged, IVectorWork => kernels.Run((int)kernel, work);

    private TWork Gather<TWork>(Kernel kernel, TWork work)
        where TWork : unmanaged, IVectorWork => kernels.Gather((int)kernel, work);
}
