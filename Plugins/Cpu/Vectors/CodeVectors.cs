using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels.Quantized;

namespace TransformFramework.Cpu.Vectors;

/// <summary>Kernels between sums, codes and floats, by the vectors of one instruction set; what does not fill a vector is left to the next narrower one, or done by a last vector that overlaps the one before.</summary>
internal sealed unsafe class CodeVectors
{
    private readonly VectorKernels kernels;

    private CodeVectors(VectorKernels kernels) => this.kernels = kernels;

    private enum Kernel
    {
        Requantize,
        Correct,
        Rescale,
        Quantize,
        Dequantize,
        QuantizeScaled,
        DequantizeScaled,
        AddScaled,
        AddLines,
        MaxPool,
        MeanPool,
        Sum,
        Depthwise1,
        Depthwise2,
        Depthwise4,
    }

    public static CodeVectors Of<TSet, TFloats, TConversions, TSums>(Func<CodeVectors>? narrower)
        where TSet : struct, IFloatSet<TFloats>
        where TFloats : struct
        where TConversions : struct, ICodeConversions<TSums, TFloats>
        where TSums : struct =>
        new(new(TSet.Width,
        [
            (nint)(delegate*<RequantizeRows*, nint, void>)&RequantizeKernel<TSet, TFloats, TConversions, TSums>.Run,
            (nint)(delegate*<CorrectRows*, nint, void>)&CorrectKernel<TSet, TFloats, TConversions, TSums>.Run,
            (nint)(delegate*<RescaleRows*, nint, void>)&RescaleKernel<TSet, TFloats, TConversions, TSums>.Run,
            (nint)(delegate*<CodedNumbers<TensorQuantization<byte>>*, nint, void>)&CodeKernels<TSet, TFloats, TConversions, TSums>.Quantize,
            (nint)(delegate*<CodedNumbers<TensorDequantization<byte>>*, nint, void>)&CodeKernels<TSet, TFloats, TConversions, TSums>.Dequantize,
            (nint)(delegate*<CodedNumbers<CodeScaling>*, nint, void>)&ScaledKernel<TSet, TFloats, TConversions, TSums>.Quantize,
            (nint)(delegate*<CodedNumbers<CodeStep>*, nint, void>)&ScaledKernel<TSet, TFloats, TConversions, TSums>.Dequantize,
            (nint)(delegate*<ScaledSum*, nint, void>)&ScaledKernel<TSet, TFloats, TConversions, TSums>.Add,
            (nint)(delegate*<LineSum*, nint, void>)&CodeKernels<TSet, TFloats, TConversions, TSums>.AddLines,
            (nint)(delegate*<CodeWindow*, nint, void>)&CodePoolKernel<TSet, TFloats, TConversions, TSums>.Max,
            (nint)(delegate*<CodeWindow*, nint, void>)&CodePoolKernel<TSet, TFloats, TConversions, TSums>.Mean,
            (nint)(delegate*<ByteSum*, nint, void>)&CodeKernels<TSet, TFloats, TConversions, TSums>.Sum,
            (nint)(delegate*<DepthwiseCodes*, nint, void>)&DepthwiseCodeKernel<TSet, TFloats, TConversions, TSums>.Run<Count1>,
            (nint)(delegate*<DepthwiseCodes*, nint, void>)&DepthwiseCodeKernel<TSet, TFloats, TConversions, TSums>.Run<Count2>,
            (nint)(delegate*<DepthwiseCodes*, nint, void>)&DepthwiseCodeKernel<TSet, TFloats, TConversions, TSums>.Run<Count4>,
        ], narrower is null ? null : () => narrower().kernels));

    /// <summary>Sums to 8-bit codes by a factor for each column.</summary>
    public void Requantize(RequantizeRows* rows) => Run(Kernel.Requantize, rows);

    /// <summary>Adds terms of rows and columns to sums, stores them, and gathers the least and greatest of each column.</summary>
    public void Correct(CorrectRows* rows) => Run(Kernel.Correct, rows);

    /// <summary>32-bit codes to quint8 codes of other ranges.</summary>
    public void Rescale(RescaleRows* rows) => Run(Kernel.Rescale, rows);

    /// <summary>Floats to quint8 codes of a range, MIN_FIRST.</summary>
    public void Quantize(float* numbers, byte* codes, nint count, TensorQuantization<byte> scale) =>
        RunOverlapping(Kernel.Quantize, new CodedNumbers<TensorQuantization<byte>> { Numbers = numbers, Codes = codes, Count = count, Scale = scale });

    /// <summary>quint8 codes to floats.</summary>
    public void Dequantize(byte* codes, float* numbers, nint count, TensorDequantization<byte> scale) =>
        RunOverlapping(Kernel.Dequantize, new CodedNumbers<TensorDequantization<byte>> { Numbers = numbers, Codes = codes, Count = count, Scale = scale });

    /// <summary>Floats to codes, SCALED.</summary>
    public void QuantizeScaled(float* numbers, byte* codes, nint count, CodeScaling scaling) =>
        RunOverlapping(Kernel.QuantizeScaled, new CodedNumbers<CodeScaling> { Numbers = numbers, Codes = codes, Count = count, Scale = scaling });

    /// <summary>Codes to floats, SCALED.</summary>
    public void DequantizeScaled(byte* codes, float* numbers, nint count, CodeStep step) =>
        RunOverlapping(Kernel.DequantizeScaled, new CodedNumbers<CodeStep> { Numbers = numbers, Codes = codes, Count = count, Scale = step });

    /// <summary>Sums of codes as codes, SCALED.</summary>
    public void AddScaled(ScaledSum* sum) => Run(Kernel.AddScaled, sum);

    /// <summary>Sums of quint8 codes along straight lines, and their extent: z = x·stepX + y·stepY + start.</summary>
    public void AddLines(LineSum* sum)
    {
        LineSum work = *sum with { Least = int.MaxValue, Greatest = int.MinValue };
        work = Gather(Kernel.AddLines, work);
        (sum->Least, sum->Greatest) = (work.Least, work.Greatest);
    }

    /// <summary>The largest code of a window in each channel.</summary>
    public void MaxPool(CodeWindow* window) => Run(Kernel.MaxPool, window);

    /// <summary>The mean of a window's codes in each channel, truncated.</summary>
    public void MeanPool(CodeWindow* window) => Run(Kernel.MeanPool, window);

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

    /// <summary>Sums over the taps of <paramref name="pixels"/> (4, 2 or 1) windows of codes that lie side by side, each channel by its own weights.</summary>
    public void Depthwise(DepthwiseCodes* tile, int pixels) => Run(Kernel.Depthwise1 + int.Log2(pixels), tile);

    private void Run<TWork>(Kernel kernel, TWork* work)
        where TWork : unmanaged, IVectorWork => kernels.Run((int)kernel, work);

    private TWork Gather<TWork>(Kernel kernel, TWork work)
        where TWork : unmanaged, IVectorWork => kernels.Gather((int)kernel, work);

    private void RunOverlapping<TWork>(Kernel kernel, TWork work)
        where TWork : unmanaged, IVectorWork => kernels.RunOverlapping((int)kernel, work);
}
