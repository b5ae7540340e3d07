using TransformFramework.Cpu.Gemm;

namespace TransformFramework.Cpu.Vectors;

/// <summary>Float kernels over channels, by the vectors of one instruction set; what does not fill a vector is left to the next narrower one.</summary>
internal abstract unsafe class FloatVectors
{
    /// <summary>Most output pixels of one call of <see cref="Depthwise"/>.</summary>
    public const int MostPixels = 8;

    /// <summary>Sums over the taps of <paramref name="pixels"/> (8, 4, 2 or 1) windows that lie side by side, each channel by its own weights.</summary>
    public abstract void Depthwise(DepthwiseTile* tile, int pixels);

    /// <summary>The largest value of one window, channel by channel.</summary>
    public abstract void MaxPool(PoolTile* tile);

    /// <summary>The sum of one window times a factor, channel by channel.</summary>
    public abstract void SumPool(PoolTile* tile);

    /// <summary>Rows of y = clamp(x · scale + offset + residual), scale and offset by channel.</summary>
    public abstract void Affine(AffineRows* rows);

    /// <summary>One pixel between four others.</summary>
    public abstract void Bilinear(BilinearTile* tile);

    /// <summary>The least number; of zeros alone either may come out.</summary>
    public abstract float Least(float* numbers, nint count);

    /// <summary>The greatest number; of zeros alone either may come out.</summary>
    public abstract float Greatest(float* numbers, nint count);

    public static FloatVectors Of<TSet, TVector>(FloatVectors? narrower)
        where TSet : struct, IFloatSet<TVector>
        where TVector : struct => new FloatVectors<TSet, TVector>(narrower);
}

/// <summary>The kernels compiled for one instruction set.</summary>
internal sealed unsafe class FloatVectors<TSet, TVector>(FloatVectors? narrower) : FloatVectors
    where TSet : struct, IFloatSet<TVector>
    where TVector : struct
{
    public override void Depthwise(DepthwiseTile* tile, int pixels)
    {
        nint rest = tile->Channels % TSet.Width;
        nint whole = tile->Channels - rest;
        if (whole > 0)
        {
            DepthwiseTile wide = *tile;
            wide.Channels = whole;
            switch (pixels)
            {
                case 8:
                    DepthwiseKernel<TSet, TVector>.Run<Count8>(&wide);
                    break;
                case 4:
                    DepthwiseKernel<TSet, TVector>.Run<Count4>(&wide);
                    break;
                case 2:
                    DepthwiseKernel<TSet, TVector>.Run<Count2>(&wide);
                    break;
                default:
                    DepthwiseKernel<TSet, TVector>.Run<Count1>(&wide);
                    break;
            }
        }
        if (rest == 0)
            return;
        DepthwiseTile narrow = *tile;
        narrow.Skip(whole);
        narrower!.Depthwise(&narrow, pixels);
    }

    public override void MaxPool(PoolTile* tile)
    {
        nint rest = tile->Channels % TSet.Width;
        nint whole = tile->Channels - rest;
        PoolKernel<TSet, TVector>.Max(tile, whole);
        if (rest == 0)
            return;
        PoolTile narrow = *tile;
        narrow.Skip(whole);
        narrower!.MaxPool(&narrow);
    }

    public override void SumPool(PoolTile* tile)
    {
        nint rest = tile->Channels % TSet.Width;
        nint whole = tile->Channels - rest;
        PoolKernel<TSet, TVector>.Sum(tile, whole);
        if (rest == 0)
            return;
        PoolTile narrow = *tile;
        narrow.Skip(whole);
        narrower!.SumPool(&narrow);
    }

    public override void Affine(AffineRows* rows)
    {
        nint rest = rows->Channels % TSet.Width;
        nint whole = rows->Channels - rest;
        AffineKernel<TSet, TVector>.Run(rows, whole);
        if (rest == 0)
            return;
        AffineRows narrow = *rows;
        narrow.Skip(whole);
        narrower!.Affine(&narrow);
    }

    public override void Bilinear(BilinearTile* tile)
    {
        nint rest = tile->Channels % TSet.Width;
        nint whole = tile->Channels - rest;
        BilinearKernel<TSet, TVector>.Run(tile, whole);
        if (rest == 0)
            return;
        BilinearTile narrow = *tile;
        narrow.Skip(whole);
        narrower!.Bilinear(&narrow);
    }

    public override float Least(float* numbers, nint count)
    {
        nint whole = count / TSet.Width * TSet.Width;
        float least = ExtremeKernel<TSet, TVector>.Least(numbers, whole);
        return whole == count ? least : Extremes.Least([least, narrower!.Least(numbers + whole, count - whole)]);
    }

    public override float Greatest(float* numbers, nint count)
    {
        nint whole = count / TSet.Width * TSet.Width;
        float greatest = ExtremeKernel<TSet, TVector>.Greatest(numbers, whole);
        return whole == count ? greatest : Extremes.Greatest([greatest, narrower!.Greatest(numbers + whole, count - whole)]);
    }
}
