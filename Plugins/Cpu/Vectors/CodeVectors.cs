using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels.Quantized;

namespace TransformFramework.Cpu.Vectors;

/// <summary>Kernels between sums, codes and floats, by the vectors of one instruction set; what does not fill a vector is left to the next narrower one, or done by a last vector that overlaps the one before.</summary>
internal abstract unsafe class CodeVectors
{
    /// <summary>Sums to 8-bit codes by a factor for each column.</summary>
    public abstract void Requantize(RequantizeRows* rows);

    /// <summary>Adds terms of rows and columns to sums, stores them, and gathers the least and greatest of each column.</summary>
    public abstract void Correct(CorrectRows* rows);

    /// <summary>32-bit codes to quint8 codes of other ranges.</summary>
    public abstract void Rescale(RescaleRows* rows);

    /// <summary>Floats to quint8 codes of a range, MIN_FIRST.</summary>
    public abstract void Quantize(float* numbers, byte* codes, nint count, TensorQuantization<byte> scale);

    /// <summary>quint8 codes to floats.</summary>
    public abstract void Dequantize(byte* codes, float* numbers, nint count, TensorDequantization<byte> scale);

    /// <summary>Floats to codes, SCALED.</summary>
    public abstract void QuantizeScaled(float* numbers, byte* codes, nint count, CodeScaling scaling);

    /// <summary>Codes to floats, SCALED.</summary>
    public abstract void DequantizeScaled(ScaledCodesOperand codes, float* numbers, nint count);

    /// <summary>Sums of codes as codes, SCALED.</summary>
    public abstract void AddScaled(ScaledSum* sum);

    /// <summary>Sums of quint8 codes along straight lines: z = x·stepX + y·stepY + start.</summary>
    public abstract void AddLines(LineSum* sum);

    /// <summary>The largest code of a window in each channel.</summary>
    public abstract void MaxPool(CodeWindow* window);

    /// <summary>The mean of a window's codes in each channel, truncated.</summary>
    public abstract void MeanPool(CodeWindow* window);

    /// <summary>The sum of bytes.</summary>
    public abstract int Sum(byte* source, nint count);

    /// <summary>Sums over the taps of some windows of codes that lie side by side, each channel by its own weights.</summary>
    public abstract void Depthwise(DepthwiseCodes* tile, int pixels);

    public static CodeVectors Of<TSet, TFloats, TConversions, TSums>(CodeVectors? narrower)
        where TSet : struct, IFloatSet<TFloats>
        where TFloats : struct
        where TConversions : struct, ICodeConversions<TSums, TFloats>
        where TSums : struct => new CodeVectors<TSet, TFloats, TConversions, TSums>(narrower);
}

/// <summary>The kernels compiled for one instruction set.</summary>
internal sealed unsafe class CodeVectors<TSet, TFloats, TConversions, TSums>(CodeVectors? narrower) : CodeVectors
    where TSet : struct, IFloatSet<TFloats>
    where TFloats : struct
    where TConversions : struct, ICodeConversions<TSums, TFloats>
    where TSums : struct
{
    public override void Requantize(RequantizeRows* rows)
    {
        nint whole = rows->Columns / TSet.Width * TSet.Width;
        RequantizeKernel<TSet, TFloats, TConversions, TSums>.Run(rows, whole);
        if (whole == rows->Columns)
            return;
        RequantizeRows narrow = *rows;
        narrow.Skip(whole);
        narrower!.Requantize(&narrow);
    }

    public override void Correct(CorrectRows* rows)
    {
        nint whole = rows->Columns / TSet.Width * TSet.Width;
        CorrectKernel<TSet, TFloats, TConversions, TSums>.Run(rows, whole);
        if (whole == rows->Columns)
            return;
        CorrectRows narrow = *rows;
        narrow.Skip(whole);
        narrower!.Correct(&narrow);
    }

    public override void Rescale(RescaleRows* rows)
    {
        nint whole = rows->Columns / TSet.Width * TSet.Width;
        RescaleKernel<TSet, TFloats, TConversions, TSums>.Run(rows, whole);
        if (whole == rows->Columns)
            return;
        RescaleRows narrow = *rows;
        narrow.Skip(whole);
        narrower!.Rescale(&narrow);
    }

    public override void Quantize(float* numbers, byte* codes, nint count, TensorQuantization<byte> scale)
    {
        nint whole = count / TSet.Width * TSet.Width;
        CodeKernels<TSet, TFloats, TConversions, TSums>.Quantize(numbers, codes, whole, scale);
        if (whole < count)
            narrower!.Quantize(numbers + whole, codes + whole, count - whole, scale);
    }

    public override void Dequantize(byte* codes, float* numbers, nint count, TensorDequantization<byte> scale)
    {
        nint whole = count / TSet.Width * TSet.Width;
        CodeKernels<TSet, TFloats, TConversions, TSums>.Dequantize(codes, numbers, whole, scale);
        if (whole < count)
            narrower!.Dequantize(codes + whole, numbers + whole, count - whole, scale);
    }

    public override void QuantizeScaled(float* numbers, byte* codes, nint count, CodeScaling scaling)
    {
        nint whole = count / TSet.Width * TSet.Width;
        ScaledKernel<TSet, TFloats, TConversions, TSums>.Quantize(numbers, codes, whole, scaling);
        nint last = count - TSet.Width;
        if (whole < count && last >= 0)
            ScaledKernel<TSet, TFloats, TConversions, TSums>.Quantize(numbers + last, codes + last, TSet.Width, scaling);
        else if (whole < count)
            narrower!.QuantizeScaled(numbers, codes, count, scaling);
    }

    public override void DequantizeScaled(ScaledCodesOperand codes, float* numbers, nint count)
    {
        nint whole = count / TSet.Width * TSet.Width;
        ScaledKernel<TSet, TFloats, TConversions, TSums>.Dequantize(&codes, numbers, whole);
        nint last = count - TSet.Width;
        if (whole < count && last < 0)
            narrower!.DequantizeScaled(codes, numbers, count);
        if (whole == count || last < 0)
            return;
        codes.Codes += last;
        ScaledKernel<TSet, TFloats, TConversions, TSums>.Dequantize(&codes, numbers + last, TSet.Width);
    }

    public override void AddScaled(ScaledSum* sum)
    {
        nint whole = sum->Count / TSet.Width * TSet.Width;
        ScaledKernel<TSet, TFloats, TConversions, TSums>.Add(sum, whole);
        if (whole == sum->Count)
            return;
        ScaledSum narrow = *sum;
        narrow.Skip(whole);
        narrower!.AddScaled(&narrow);
    }

    public override void AddLines(LineSum* sum)
    {
        nint whole = sum->Count / TSet.Width * TSet.Width;
        CodeKernels<TSet, TFloats, TConversions, TSums>.AddLines(sum, whole);
        if (whole == sum->Count)
            return;
        LineSum narrow = *sum;
        narrow.Skip(whole);
        narrower!.AddLines(&narrow);
        sum->Least = Math.Min(sum->Least, narrow.Least);
        sum->Greatest = Math.Max(sum->Greatest, narrow.Greatest);
    }

    public override void MaxPool(CodeWindow* window)
    {
        nint whole = window->Channels / TSet.Width * TSet.Width;
        CodePoolKernel<TSet, TFloats, TConversions, TSums>.Max(window, whole);
        if (whole == window->Channels)
            return;
        CodeWindow narrow = *window;
        narrow.Skip(whole);
        narrower!.MaxPool(&narrow);
    }

    public override void MeanPool(CodeWindow* window)
    {
        nint whole = window->Channels / TSet.Width * TSet.Width;
        CodePoolKernel<TSet, TFloats, TConversions, TSums>.Mean(window, whole);
        if (whole == window->Channels)
            return;
        CodeWindow narrow = *window;
        narrow.Skip(whole);
        narrower!.MeanPool(&narrow);
    }

    public override int Sum(byte* source, nint count)
    {
        nint whole = count / (4 * TSet.Width) * (4 * TSet.Width);
        int sum = CodeKernels<TSet, TFloats, TConversions, TSums>.Sum(source, whole);
        if (whole == count)
            return sum;
        return sum + (narrower is null ? Rest(source + whole, count - whole) : narrower.Sum(source + whole, count - whole));
    }

    private static int Rest(byte* source, nint count)
    {
        int sum = 0;
        for (nint i = 0; i < count; i++)
            sum += source[i];
        return sum;
    }

    public override void Depthwise(DepthwiseCodes* tile, int pixels)
    {
        nint whole = tile->Channels / TSet.Width * TSet.Width;
        if (pixels >= 4)
            DepthwiseCodeKernel<TSet, TFloats, TConversions, TSums>.Run<Count4>(tile, whole);
        else if (pixels >= 2)
            DepthwiseCodeKernel<TSet, TFloats, TConversions, TSums>.Run<Count2>(tile, whole);
        else
            DepthwiseCodeKernel<TSet, TFloats, TConversions, TSums>.Run<Count1>(tile, whole);
        if (whole == tile->Channels)
            return;
        DepthwiseCodes narrow = *tile;
        narrow.Skip(whole);
        narrower!.Depthwise(&narrow, pixels);
    }
}
