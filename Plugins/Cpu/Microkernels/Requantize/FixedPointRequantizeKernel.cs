using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Requantize;

/// <summary>
/// Rows of 32-bit values to quint8 values of another range, in fixed point. With terms of the columns the result is a quint8 value in between: it is converted to a 32-bit value by
/// way of the real value that it represents, the column's term is added, and the sum goes to quint8 values of a third range. Then the quantized values are held between two.
/// </summary>
internal unsafe struct FixedPointRequantizeRows : IVectorWork
{
    public int* Quantized;

    public FixedPointRequantization First;

    /// <summary>Terms of the columns; may be null.</summary>
    public int* Terms;

    public TensorDequantization<byte> Reals;

    public TensorQuantization<int> Wide;

    public FixedPointRequantization Second;

    public byte Low;

    public byte High;

    public byte* Output;

    public nint Rows;

    public nint Columns;

    /// <summary>Elements from one row to the next.</summary>
    public nint Stride;

    public readonly nint Length => Columns;

    public void Skip(nint columns)
    {
        Quantized += columns;
        Terms = Terms == null ? null : Terms + columns;
        Output += columns;
        Columns -= columns;
    }
}

/// <summary>Requantization to ranges found in the run, with an addition by columns or without.</summary>
internal static unsafe class FixedPointRequantizeKernel<TIsa, TFloats, TConversions, TAccumulators>
    where TIsa : struct, IFloatIsa<TFloats>
    where TFloats : struct
    where TConversions : struct, IInt8Conversions<TAccumulators, TFloats>
    where TAccumulators : struct
{
    public static void Run(FixedPointRequantizeRows* rows, nint columns)
    {
        if (rows->Terms == null)
            Once(rows, columns);
        else
            Twice(rows, columns);
    }

    private static void Once(FixedPointRequantizeRows* rows, nint columns)
    {
        TAccumulators low = TConversions.Broadcast(rows->Low);
        TAccumulators high = TConversions.Broadcast(rows->High);
        TAccumulators factorHigh = TConversions.Broadcast(rows->First.High);
        TAccumulators factorLow = TConversions.Broadcast(rows->First.Low);
        TAccumulators offset = TConversions.Broadcast((int)rows->First.Offset);
        for (nint r = 0; r < rows->Rows; r++)
        {
            int* quantized = rows->Quantized + (r * rows->Stride);
            byte* output = rows->Output + (r * rows->Stride);
            for (nint c = 0; c < columns; c += TIsa.Lanes)
            {
                TAccumulators q = TConversions.Scale(TConversions.LoadAccumulators(quantized + c), factorHigh, factorLow, offset);
                TConversions.StoreBytes(TConversions.Min(TConversions.Max(q, low), high), output + c);
            }
        }
    }

    private static void Twice(FixedPointRequantizeRows* rows, nint columns)
    {
        TAccumulators low = TConversions.Broadcast(rows->Low);
        TAccumulators high = TConversions.Broadcast(rows->High);
        TFloats scale = TIsa.Broadcast(rows->Reals.Scale);
        TFloats start = TIsa.Broadcast(rows->Reals.Bias);
        TFloats factor = TIsa.Broadcast(rows->Wide.Scale);
        TFloats offset = TIsa.Broadcast(-rows->Wide.Offset);
        TFloats least = TIsa.Broadcast(TensorQuantization<int>.Lower);
        TFloats greatest = TIsa.Broadcast(TensorQuantization<int>.Upper);
        TAccumulators firstHigh = TConversions.Broadcast(rows->First.High);
        TAccumulators firstLow = TConversions.Broadcast(rows->First.Low);
        TAccumulators firstOffset = TConversions.Broadcast((int)rows->First.Offset);
        TAccumulators secondHigh = TConversions.Broadcast(rows->Second.High);
        TAccumulators secondLow = TConversions.Broadcast(rows->Second.Low);
        TAccumulators secondOffset = TConversions.Broadcast((int)rows->Second.Offset);
        for (nint r = 0; r < rows->Rows; r++)
        {
            int* quantized = rows->Quantized + (r * rows->Stride);
            byte* output = rows->Output + (r * rows->Stride);
            for (nint c = 0; c < columns; c += TIsa.Lanes)
            {
                TAccumulators narrow = TConversions.Scale(TConversions.LoadAccumulators(quantized + c), firstHigh, firstLow, firstOffset);
                TFloats real = TIsa.FlushDenormals(TIsa.Add(start, TIsa.FlushDenormals(TIsa.Multiply(TConversions.ToFloats(narrow), scale))));
                TFloats wide = TIsa.Add(TConversions.RoundAway(TIsa.Multiply(real, factor)), offset);
                TAccumulators sum = TConversions.Add(TConversions.Round(TIsa.AtMost(TIsa.AtLeast(wide, least), greatest)), TConversions.LoadAccumulators(rows->Terms + c));
                TAccumulators q = TConversions.Scale(sum, secondHigh, secondLow, secondOffset);
                TConversions.StoreBytes(TConversions.Min(TConversions.Max(q, low), high), output + c);
            }
        }
    }
}
