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
    private const int ValuesAtOnce = 512;

    public static void Run(FixedPointRequantizeRows* rows, nint columns)
    {
        if (rows->Terms == null)
            Once(rows, columns);
        else
            Twice(rows, columns);
    }

    private static void Once(FixedPointRequantizeRows* rows, nint columns)
    {
        for (nint r = 0; r < rows->Rows; r++)
            Narrow(rows, rows->First, rows->Quantized + (r * rows->Stride), rows->Output + (r * rows->Stride), columns);
    }

    /// <summary>Three passes over values that stay in the cache: what one value takes is so long a chain that a processor cannot overlap many in one pass.</summary>
    private static void Twice(FixedPointRequantizeRows* rows, nint columns)
    {
        int* values = stackalloc int[ValuesAtOnce];
        nint group = rows->Stride == columns ? Math.Max(1, ValuesAtOnce / columns) : 1;
        for (nint r = 0; r < rows->Rows; r += group)
        {
            nint count = Math.Min(group, rows->Rows - r);
            for (nint c = 0; c < columns; c += ValuesAtOnce)
            {
                nint width = Math.Min(ValuesAtOnce, columns - c);
                nint at = (r * rows->Stride) + c;
                ToBytes(rows->First, rows->Quantized + at, values, count * width);
                for (nint i = 0; i < count; i++)
                    AddTerms(rows, values + (i * width), rows->Terms + c, width);
                Narrow(rows, rows->Second, values, rows->Output + at, count * width);
            }
        }
    }

    /// <summary>The quint8 values in 32 bits each.</summary>
    private static void ToBytes(FixedPointRequantization conversion, int* source, int* target, nint count)
    {
        TAccumulators factorHigh = TConversions.Broadcast(conversion.High);
        TAccumulators factorLow = TConversions.Broadcast(conversion.Low);
        TAccumulators offset = TConversions.Broadcast((int)conversion.Offset);
        for (nint i = 0; i < count; i += TIsa.Lanes)
            TConversions.StoreAccumulators(TConversions.Scale(TConversions.LoadAccumulators(source + i), factorHigh, factorLow, offset), target + i);
    }

    /// <summary>quint8 values to 32-bit values by way of real values, with the terms of the columns.</summary>
    private static void AddTerms(FixedPointRequantizeRows* rows, int* values, int* terms, nint count)
    {
        TFloats scale = TIsa.Broadcast(rows->Reals.Scale);
        TFloats start = TIsa.Broadcast(rows->Reals.Bias);
        TFloats factor = TIsa.Broadcast(rows->Wide.Scale);
        TFloats offset = TIsa.Broadcast(-rows->Wide.Offset);
        TFloats least = TIsa.Broadcast(TensorQuantization<int>.Lower);
        TFloats greatest = TIsa.Broadcast(TensorQuantization<int>.Upper);
        for (nint i = 0; i < count; i += TIsa.Lanes)
        {
            TFloats real = TIsa.FlushDenormals(TIsa.Add(start, TIsa.FlushDenormals(TIsa.Multiply(TConversions.ToFloats(TConversions.LoadAccumulators(values + i)), scale))));
            TFloats wide = TIsa.Add(TConversions.RoundAway(TIsa.Multiply(real, factor)), offset);
            TAccumulators sum = TConversions.Add(TConversions.Round(TIsa.AtMost(TIsa.AtLeast(wide, least), greatest)), TConversions.LoadAccumulators(terms + i));
            TConversions.StoreAccumulators(sum, values + i);
        }
    }

    /// <summary>The quint8 values, held between two.</summary>
    private static void Narrow(FixedPointRequantizeRows* rows, FixedPointRequantization conversion, int* source, byte* target, nint count)
    {
        TAccumulators low = TConversions.Broadcast(rows->Low);
        TAccumulators high = TConversions.Broadcast(rows->High);
        TAccumulators factorHigh = TConversions.Broadcast(conversion.High);
        TAccumulators factorLow = TConversions.Broadcast(conversion.Low);
        TAccumulators offset = TConversions.Broadcast((int)conversion.Offset);
        for (nint i = 0; i < count; i += TIsa.Lanes)
        {
            TAccumulators q = TConversions.Scale(TConversions.LoadAccumulators(source + i), factorHigh, factorLow, offset);
            TConversions.StoreBytes(TConversions.Min(TConversions.Max(q, low), high), target + i);
        }
    }
}
