using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Neon;
using TransformFramework.Cpu.Microkernels.Pooling;
using TransformFramework.Cpu.Microkernels.Requantize;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>Kernels between accumulators, quantized values and floats, by the vectors of one instruction set; what does not fill a vector is left to the next narrower one, or done by a last vector that overlaps the one before.</summary>
internal sealed unsafe class Int8Vectors
{
    private readonly VectorKernel<RequantizeRows> requantize;
    private readonly VectorKernel<DequantizeAccumulatorsRows> dequantizeAccumulators;
    private readonly VectorKernel<ZeroPointCompensationRows> compensateZeroPoints;
    private readonly VectorKernel<FixedPointRequantizeRows> requantizeFixedPoint;
    private readonly VectorKernel<QuantizationTile<TensorQuantization<byte>>> quantize;
    private readonly VectorKernel<QuantizationTile<TensorDequantization<byte>>> dequantize;
    private readonly VectorKernel<QuantizationTile<QuantizationScale>> quantizeScaled;
    private readonly VectorKernel<QuantizationTile<DequantizationScale>> dequantizeScaled;
    private readonly VectorKernel<QuantizationTile<DynamicQuantization>> quantizeDynamic;
    private readonly VectorKernel<DequantizeDynamicRows> dequantizeDynamic;
    private readonly VectorKernel<QuantizedSum> addScaled;
    private readonly VectorKernel<LinearSum> addLinear;
    private readonly VectorKernel<Int8PoolTile> maxPool;
    private readonly VectorKernel<Int8PoolTile> meanPool;
    private readonly VectorKernel<ByteSum> sum;
    private readonly VectorKernel<Int8DepthwiseTile> depthwise1;
    private readonly VectorKernel<Int8DepthwiseTile> depthwise2;
    private readonly VectorKernel<Int8DepthwiseTile> depthwise4;

    private Int8Vectors(
        VectorKernel<RequantizeRows> requantize, VectorKernel<DequantizeAccumulatorsRows> dequantizeAccumulators, VectorKernel<ZeroPointCompensationRows> compensateZeroPoints, VectorKernel<FixedPointRequantizeRows> requantizeFixedPoint, VectorKernel<QuantizationTile<TensorQuantization<byte>>> quantize, VectorKernel<QuantizationTile<TensorDequantization<byte>>> dequantize,
        VectorKernel<QuantizationTile<QuantizationScale>> quantizeScaled, VectorKernel<QuantizationTile<DequantizationScale>> dequantizeScaled, VectorKernel<QuantizationTile<DynamicQuantization>> quantizeDynamic, VectorKernel<DequantizeDynamicRows> dequantizeDynamic, VectorKernel<QuantizedSum> addScaled, VectorKernel<LinearSum> addLinear, VectorKernel<Int8PoolTile> maxPool,
        VectorKernel<Int8PoolTile> meanPool, VectorKernel<ByteSum> sum, VectorKernel<Int8DepthwiseTile> depthwise1, VectorKernel<Int8DepthwiseTile> depthwise2, VectorKernel<Int8DepthwiseTile> depthwise4)
    {
        this.requantize = requantize;
        this.dequantizeAccumulators = dequantizeAccumulators;
        this.compensateZeroPoints = compensateZeroPoints;
        this.requantizeFixedPoint = requantizeFixedPoint;
        this.quantize = quantize;
        this.dequantize = dequantize;
        this.quantizeScaled = quantizeScaled;
        this.dequantizeScaled = dequantizeScaled;
        this.quantizeDynamic = quantizeDynamic;
        this.dequantizeDynamic = dequantizeDynamic;
        this.addScaled = addScaled;
        this.addLinear = addLinear;
        this.maxPool = maxPool;
        this.meanPool = meanPool;
        this.sum = sum;
        this.depthwise1 = depthwise1;
        this.depthwise2 = depthwise2;
        this.depthwise4 = depthwise4;
    }

    /// <summary>The kernels compiled for an instruction set.</summary>
    /// <param name="narrower">The kernels that do what does not fill a vector; null for vectors of one element.</param>
    public static Int8Vectors Of<TIsa, TFloats, TConversions, TAccumulators>(Func<Int8Vectors>? narrower)
        where TIsa : struct, IFloatIsa<TFloats>
        where TFloats : struct
        where TConversions : struct, IInt8Conversions<TAccumulators, TFloats>
        where TAccumulators : struct =>
        new(
            requantize: new("s32_u8_requantize", 0, TIsa.Lanes, &RequantizeKernel<TIsa, TFloats, TConversions, TAccumulators>.Run, () => narrower!().requantize),
            dequantizeAccumulators: new("s32_f32_dequantize", 0, TIsa.Lanes, &DequantizeAccumulatorsKernel<TIsa, TFloats, TConversions, TAccumulators>.Run, () => narrower!().dequantizeAccumulators),
            compensateZeroPoints: new("s32_zero_point_compensation", 0, TIsa.Lanes, &ZeroPointCompensationKernel<TIsa, TFloats, TConversions, TAccumulators>.Run, () => narrower!().compensateZeroPoints),
            requantizeFixedPoint: new("s32_u8_requantize_fixed_point", 0, TIsa.Lanes, &FixedPointRequantizeKernel<TIsa, TFloats, TConversions, TAccumulators>.Run, () => narrower!().requantizeFixedPoint),
            quantize: new("f32_u8_quantize", 0, TIsa.Lanes, &QuantizationKernels<TIsa, TFloats, TConversions, TAccumulators>.Quantize, () => narrower!().quantize),
            dequantize: new("u8_f32_dequantize", 0, TIsa.Lanes, &QuantizationKernels<TIsa, TFloats, TConversions, TAccumulators>.Dequantize, () => narrower!().dequantize),
            quantizeScaled: new("f32_u8_quantize_scaled", 0, TIsa.Lanes, &ScaledQuantizationKernel<TIsa, TFloats, TConversions, TAccumulators>.Quantize, () => narrower!().quantizeScaled),
            dequantizeScaled: new("u8_f32_dequantize_scaled", 0, TIsa.Lanes, &ScaledQuantizationKernel<TIsa, TFloats, TConversions, TAccumulators>.Dequantize, () => narrower!().dequantizeScaled),
            quantizeDynamic: new("f32_u8_quantize_dynamic", 0, TIsa.Lanes, &DynamicQuantizationKernel<TIsa, TFloats, TConversions, TAccumulators>.Quantize, () => narrower!().quantizeDynamic),
            dequantizeDynamic: new("s32_f32_dequantize_dynamic", 0, TIsa.Lanes, &DynamicQuantizationKernel<TIsa, TFloats, TConversions, TAccumulators>.Dequantize, () => narrower!().dequantizeDynamic),
            addScaled: new("u8_add_scaled", 0, TIsa.Lanes, &ScaledQuantizationKernel<TIsa, TFloats, TConversions, TAccumulators>.Add, () => narrower!().addScaled),
            addLinear: new("u8_s32_add_linear", 0, TIsa.Lanes, &QuantizationKernels<TIsa, TFloats, TConversions, TAccumulators>.AddLinear, () => narrower!().addLinear),
            maxPool: new("u8_maxpool", 0, TIsa.Lanes, &Int8PoolKernel<TIsa, TFloats, TConversions, TAccumulators>.Max, () => narrower!().maxPool),
            meanPool: new("u8_avgpool", 0, TIsa.Lanes, &Int8PoolKernel<TIsa, TFloats, TConversions, TAccumulators>.Mean, () => narrower!().meanPool),
            sum: new("u8_sum", 0, TIsa.Lanes, &QuantizationKernels<TIsa, TFloats, TConversions, TAccumulators>.Sum, () => narrower!().sum),
            depthwise1: new("u8s8_dwconv", 1, TIsa.Lanes, &Int8DepthwiseKernel<TIsa, TFloats, TConversions, TAccumulators>.Run<Count1>, () => narrower!().depthwise1),
            depthwise2: new("u8s8_dwconv", 2, TIsa.Lanes, &Int8DepthwiseKernel<TIsa, TFloats, TConversions, TAccumulators>.Run<Count2>, () => narrower!().depthwise2),
            depthwise4: new("u8s8_dwconv", 4, TIsa.Lanes, &Int8DepthwiseKernel<TIsa, TFloats, TConversions, TAccumulators>.Run<Count4>, () => narrower!().depthwise4));

    /// <summary>The kernels of Arm64. Those that work on bytes or 16 bits have vectors of more than four elements.</summary>
    /// <param name="narrower">The kernels that do what does not fill a vector of four.</param>
    public static Int8Vectors OfNeon(Func<Int8Vectors> narrower)
    {
        Int8Vectors four = Of<Vector128FloatIsa, Vector128<float>, NeonInt8Conversions, Vector128<int>>(narrower);
        return new(
            four.requantize, four.dequantizeAccumulators, four.compensateZeroPoints, four.requantizeFixedPoint, four.quantize, four.dequantize, four.quantizeScaled, four.dequantizeScaled, four.quantizeDynamic,
            four.dequantizeDynamic, four.addScaled, four.addLinear,
            maxPool: new("u8_maxpool", 0, NeonInt8PoolKernel.Lanes, &NeonInt8PoolKernel.Max, () => four.maxPool),
            meanPool: new("u8_avgpool", 0, NeonInt8PoolKernel.Lanes, &NeonInt8PoolKernel.Mean, () => four.meanPool),
            sum: four.sum,
            depthwise1: new("u8s8_dwconv", 1, NeonInt8DepthwiseKernel.Lanes, &NeonInt8DepthwiseKernel.Run<Count1>, () => four.depthwise1),
            depthwise2: new("u8s8_dwconv", 2, NeonInt8DepthwiseKernel.Lanes, &NeonInt8DepthwiseKernel.Run<Count2>, () => four.depthwise2),
            depthwise4: new("u8s8_dwconv", 4, NeonInt8DepthwiseKernel.Lanes, &NeonInt8DepthwiseKernel.Run<Count4>, () => four.depthwise4));
    }

    /// <summary>The kernels by name.</summary>
    public IEnumerable<Microkernel> Describe(string isa) =>
    [
        requantize.Describe(isa), dequantizeAccumulators.Describe(isa), compensateZeroPoints.Describe(isa), requantizeFixedPoint.Describe(isa), quantize.Describe(isa), dequantize.Describe(isa), quantizeScaled.Describe(isa),
        dequantizeScaled.Describe(isa), quantizeDynamic.Describe(isa), dequantizeDynamic.Describe(isa), addScaled.Describe(isa), addLinear.Describe(isa), maxPool.Describe(isa), meanPool.Describe(isa), sum.Describe(isa), depthwise1.Describe(isa), depthwise2.Describe(isa), depthwise4.Describe(isa),
    ];

    /// <summary>Accumulators to 8-bit values by a factor for each column.</summary>
    public void Requantize(RequantizeRows* rows) => requantize.Run(rows);

    /// <summary>Accumulators to real values by a factor for each column.</summary>
    public void DequantizeAccumulators(DequantizeAccumulatorsRows* rows) => dequantizeAccumulators.Run(rows);

    /// <summary>Adds terms of rows and columns to accumulators, stores them, and gathers the least and greatest of each column.</summary>
    public void CompensateZeroPoints(ZeroPointCompensationRows* rows) => compensateZeroPoints.Run(rows);

    /// <summary>32-bit values to quint8 values of other ranges.</summary>
    public void RequantizeFixedPoint(FixedPointRequantizeRows* rows) => requantizeFixedPoint.Run(rows);

    /// <summary>Floats to quint8 values of a range, MIN_FIRST.</summary>
    public void Quantize(float* reals, byte* quantized, nint count, TensorQuantization<byte> scale) =>
        quantize.RunOverlapping(new() { Reals = reals, Quantized = quantized, Count = count, Scale = scale });

    /// <summary>quint8 values to floats.</summary>
    public void Dequantize(byte* quantized, float* reals, nint count, TensorDequantization<byte> scale) =>
        dequantize.RunOverlapping(new() { Reals = reals, Quantized = quantized, Count = count, Scale = scale });

    /// <summary>Floats to quantized values, SCALED.</summary>
    public void QuantizeScaled(float* reals, byte* quantized, nint count, QuantizationScale scaling) =>
        quantizeScaled.RunOverlapping(new() { Reals = reals, Quantized = quantized, Count = count, Scale = scaling });

    /// <summary>Quantized values to floats, SCALED.</summary>
    public void DequantizeScaled(byte* quantized, float* reals, nint count, DequantizationScale step) =>
        dequantizeScaled.RunOverlapping(new() { Reals = reals, Quantized = quantized, Count = count, Scale = step });

    /// <summary>Floats to quint8 values by a range found in the run.</summary>
    public void QuantizeDynamic(float* reals, byte* quantized, nint count, DynamicQuantization quantization) =>
        quantizeDynamic.RunOverlapping(new() { Reals = reals, Quantized = quantized, Count = count, Scale = quantization });

    /// <summary>Accumulators of rows that were quantized so to real values.</summary>
    public void DequantizeDynamic(DequantizeDynamicRows* rows) => dequantizeDynamic.Run(rows);

    /// <summary>Sums of quantized values as quantized values, SCALED.</summary>
    public void AddScaled(QuantizedSum* addition) => addScaled.Run(addition);

    /// <summary>Sums of quint8 values, each along a straight line, and their range: z = x·scaleX + y·scaleY + offset.</summary>
    public void AddLinear(LinearSum* addition)
    {
        LinearSum work = *addition with { Least = int.MaxValue, Greatest = int.MinValue };
        work = addLinear.Gather(work);
        (addition->Least, addition->Greatest) = (work.Least, work.Greatest);
    }

    /// <summary>The largest quantized value of a window in each channel.</summary>
    public void MaxPool(Int8PoolTile* window) => maxPool.Run(window);

    /// <summary>The mean of a window's quantized values in each channel, truncated.</summary>
    public void MeanPool(Int8PoolTile* window) => meanPool.Run(window);

    /// <summary>The sum of bytes.</summary>
    public int Sum(byte* source, nint count)
    {
        nint whole = sum.Whole(count / ByteSum.Group) * ByteSum.Group;
        int total = whole == 0 ? 0 : sum.Gather(new() { Source = source, Count = whole }).Total;
        return total + ShortSum(source + whole, count - whole);
    }

    /// <summary>The sum of less bytes than fill a vector, eight at a time.</summary>
    private static int ShortSum(byte* source, nint count)
    {
        const ulong everySecond = 0x00ff00ff00ff00ff;
        const ulong ones = 0x0001000100010001;
        int total = 0;
        for (; count >= sizeof(ulong); count -= sizeof(ulong))
        {
            ulong bytes = Unsafe.ReadUnaligned<ulong>(source);
            total += (int)((((bytes & everySecond) + ((bytes >> 8) & everySecond)) * ones) >> 48);
            source += sizeof(ulong);
        }
        for (; count > 0; count--)
            total += *source++;
        return total;
    }

    /// <summary>Sums over the taps of <paramref name="pixels"/> (4, 2 or 1) windows of quantized values that are side by side, each channel by its own weights.</summary>
    public void Depthwise(Int8DepthwiseTile* tile, int pixels) => (pixels switch { 1 => depthwise1, 2 => depthwise2, _ => depthwise4 }).Run(tile);
}
