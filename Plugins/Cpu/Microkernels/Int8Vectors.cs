using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Pooling;
using TransformFramework.Cpu.Microkernels.Requantize;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>Kernels between accumulators, quantized values and floats, by the vectors of one instruction set; what does not fill a vector is left to the next narrower one, or done by a last vector that overlaps the one before.</summary>
internal sealed unsafe class Int8Vectors
{
    private readonly VectorKernels kernels;

    private Int8Vectors(VectorKernels kernels) => this.kernels = kernels;

    private enum Kernel
    {
        Requantize,
        CompensateZeroPoints,
        RequantizeFixedPoint,
        Quantize,
        Dequantize,
        QuantizeScaled,
        DequantizeScaled,
        AddScaled,
        AddLinear,
        MaxPool,
        MeanPool,
        Sum,
        Depthwise1,
        Depthwise2,
        Depthwise4,
    }

    public static Int8Vectors Of<TIsa, TFloats, TConversions, TAccumulators>(Func<Int8Vectors>? narrower)
        where TIsa : struct, IFloatIsa<TFloats>
        where TFloats : struct
        where TConversions : struct, IInt8Conversions<TAccumulators, TFloats>
        where TAccumulators : struct =>
        new(new(TIsa.Lanes,
        [
            (nint)(delegate*<RequantizeRows*, nint, void>)&RequantizeKernel<TIsa, TFloats, TConversions, TAccumulators>.Run,
            (nint)(delegate*<ZeroPointCompensationRows*, nint, void>)&ZeroPointCompensationKernel<TIsa, TFloats, TConversions, TAccumulators>.Run,
            (nint)(delegate*<FixedPointRequantizeRows*, nint, void>)&FixedPointRequantizeKernel<TIsa, TFloats, TConversions, TAccumulators>.Run,
            (nint)(delegate*<QuantizationTile<TensorQuantization<byte>>*, nint, void>)&QuantizationKernels<TIsa, TFloats, TConversions, TAccumulators>.Quantize,
            (nint)(delegate*<QuantizationTile<TensorDequantization<byte>>*, nint, void>)&QuantizationKernels<TIsa, TFloats, TConversions, TAccumulators>.Dequantize,
            (nint)(delegate*<QuantizationTile<QuantizationScale>*, nint, void>)&ScaledQuantizationKernel<TIsa, TFloats, TConversions, TAccumulators>.Quantize,
            (nint)(delegate*<QuantizationTile<DequantizationScale>*, nint, void>)&ScaledQuantizationKernel<TIsa, TFloats, TConversions, TAccumulators>.Dequantize,
            (nint)(delegate*<QuantizedSum*, nint, void>)&ScaledQuantizationKernel<TIsa, TFloats, TConversions, TAccumulators>.Add,
            (nint)(delegate*<LinearSum*, nint, void>)&QuantizationKernels<TIsa, TFloats, TConversions, TAccumulators>.AddLinear,
            (nint)(delegate*<Int8PoolTile*, nint, void>)&Int8PoolKernel<TIsa, TFloats, TConversions, TAccumulators>.Max,
            (nint)(delegate*<Int8PoolTile*, nint, void>)&Int8PoolKernel<TIsa, TFloats, TConversions, TAccumulators>.Mean,
            (nint)(delegate*<ByteSum*, nint, void>)&QuantizationKernels<TIsa, TFloats, TConversions, TAccumulators>.Sum,
            (nint)(delegate*<Int8DepthwiseTile*, nint, void>)&Int8DepthwiseKernel<TIsa, TFloats, TConversions, TAccumulators>.Run<Count1>,
            (nint)(delegate*<Int8DepthwiseTile*, nint, void>)&Int8DepthwiseKernel<TIsa, TFloats, TConversions, TAccumulators>.Run<Count2>,
            (nint)(delegate*<Int8DepthwiseTile*, nint, void>)&Int8DepthwiseKernel<TIsa, TFloats, TConversions, TAccumulators>.Run<Count4>,
        ], narrower is null ? null : () => narrower().kernels));

    /// <summary>Accumulators to 8-bit values by a factor for each column.</summary>
    public void Requantize(RequantizeRows* rows) => Run(Kernel.Requantize, rows);

    /// <summary>Adds terms of rows and columns to accumulators, stores them, and gathers the least and greatest of each column.</summary>
    public void CompensateZeroPoints(ZeroPointCompensationRows* rows) => Run(Kernel.CompensateZeroPoints, rows);

    /// <summary>32-bit values to quint8 values of other ranges.</summary>
    public void RequantizeFixedPoint(FixedPointRequantizeRows* rows) => Run(Kernel.RequantizeFixedPoint, rows);

    /// <summary>Floats to quint8 values of a range, MIN_FIRST.</summary>
    public void Quantize(float* reals, byte* quantized, nint count, TensorQuantization<byte> scale) =>
        RunOverlapping(Kernel.Quantize, new QuantizationTile<TensorQuantization<byte>> { Reals = reals, Quantized = quantized, Count = count, Scale = scale });

    /// <summary>quint8 values to floats.</summary>
    public void Dequantize(byte* quantized, float* reals, nint count, TensorDequantization<byte> scale) =>
        RunOverlapping(Kernel.Dequantize, new QuantizationTile<TensorDequantization<byte>> { Reals = reals, Quantized = quantized, Count = count, Scale = scale });

    /// <summary>Floats to quantized values, SCALED.</summary>
    public void QuantizeScaled(float* reals, byte* quantized, nint count, QuantizationScale scaling) =>
        RunOverlapping(Kernel.QuantizeScaled, new QuantizationTile<QuantizationScale> { Reals = reals, Quantized = quantized, Count = count, Scale = scaling });

    /// <summary>Quantized values to floats, SCALED.</summary>
    public void DequantizeScaled(byte* quantized, float* reals, nint count, DequantizationScale step) =>
        RunOverlapping(Kernel.DequantizeScaled, new QuantizationTile<DequantizationScale> { Reals = reals, Quantized = quantized, Count = count, Scale = step });

    /// <summary>Accumulators of quantized values as quantized values, SCALED.</summary>
    public void AddScaled(QuantizedSum* sum) => Run(Kernel.AddScaled, sum);

    /// <summary>Accumulators of quint8 values along straight lines, and their range: z = x·scaleX + y·scaleY + start.</summary>
    public void AddLinear(LinearSum* sum)
    {
        LinearSum work = *sum with { Least = int.MaxValue, Greatest = int.MinValue };
        work = Gather(Kernel.AddLinear, work);
        (sum->Least, sum->Greatest) = (work.Least, work.Greatest);
    }

    /// <summary>The largest quantized value of a window in each channel.</summary>
    public void MaxPool(Int8PoolTile* window) => Run(Kernel.MaxPool, window);

    /// <summary>The mean of a window's quantized values in each channel, truncated.</summary>
    public void MeanPool(Int8PoolTile* window) => Run(Kernel.MeanPool, window);

    /// <summary>The sum of bytes.</summary>
    public int Sum(byte* source, nint count)
    {
        nint whole = kernels.Whole(count / ByteSum.Group) * ByteSum.Group;
        int sum = whole == 0 ? 0 : Gather(Kernel.Sum, new ByteSum { Source = source, Count = whole }).Total;
        return sum + ShortSum(source + whole, count - whole);
    }

    /// <summary>The sum of less bytes than fill a vector, eight at a time.</summary>
    private static int ShortSum(byte* source, nint count)
    {
        const ulong everySecond = 0x00ff00ff00ff00ff;
        const ulong ones = 0x0001000100010001;
        int sum = 0;
        for (; count >= sizeof(ulong); count -= sizeof(ulong))
        {
            ulong bytes = Unsafe.ReadUnaligned<ulong>(source);
            sum += (int)((((bytes & everySecond) + ((bytes >> 8) & everySecond)) * ones) >> 48);
            source += sizeof(ulong);
        }
        for (; count > 0; count--)
            sum += *source++;
        return sum;
    }

    /// <summary>Sums over the taps of <paramref name="pixels"/> (4, 2 or 1) windows of quantized values that lie side by side, each channel by its own weights.</summary>
    public void Depthwise(Int8DepthwiseTile* tile, int pixels) => Run(Kernel.Depthwise1 + int.Log2(pixels), tile);

    private void Run<TWork>(Kernel kernel, TWork* work)
        where TWork : unmanaged, IVectorWork => kernels.Run((int)kernel, work);

    private TWork Gather<TWork>(Kernel kernel, TWork work)
        where TWork : unmanaged, IVectorWork => kernels.Gather((int)kernel, work);

    private void RunOverlapping<TWork>(Kernel kernel, TWork work)
        where TWork : unmanaged, IVectorWork => kernels.RunOverlapping((int)kernel, work);
}
