using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels.Quantized;

namespace TransformFramework.Cpu.Vectors;

/// <summary>
/// Rows of 32-bit codes to quint8 codes of another range, in fixed point. With terms of the columns the result is a quint8 code in between: it is converted to a 32-bit code by
/// way of the number that it stands for, the column's term is added, and the sum goes to quint8 codes of a third range. Then the codes are held between two.
/// </summary>
internal unsafe struct RescaleRows : IVectorWork
{
    public int* Codes;

    public FixedPointRequantization First;

    /// <summary>Terms of the columns; may be null.</summary>
    public int* Terms;

    public TensorDequantization<byte> Numbers;

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
        Codes += columns;
        Terms = Terms == null ? null : Terms + columns;
        Output += columns;
        Columns -= columns;
    }
}

/// <summary>Requantization to ranges found in the run, with an addition by columns or without.</summary>
internal static unsafe class RescaleKernel<TSet, TFloats, TConversions, TSums>
    where TSet : struct, IFloatSet<TFloats>
    where TFloats : struct
    where TConversions : struct, ICodeConversions<TSums, TFloats>
    where TSums : struct
{
    public static void Run(RescaleRows* rows, nint columns)
    {
        if (rows->Terms == null)
            Once(rows, columns);
        else
            Twice(rows, columns);
    }

    private static void Once(RescaleRows* rows, nint columns)
    {
        TSums low = TConversions.Broadcast(rows->Low);
        TSums high = TConversions.Broadcast(rows->High);
        TSums factorHigh = TConversions.Broadcast(rows->First.High);
        TSums factorLow = TConversions.Broadcast(rows->First.Low);
        TSums offset = TConversions.Broadcast((int)rows->First.Offset);
        for (nint r = 0; r < rows->Rows; r++)
        {
            int* codes = rows->Codes + (r * rows->Stride);
            byte* output = rows->Output + (r * rows->Stride);
            for (nint c = 0; c < columns; c += TSet.Width)
            {
                TSums code = TConversions.Scale(TConversions.LoadSums(codes + c), factorHigh, factorLow, offset);
                TConversions.StoreBytes(TConversions.Min(TConversions.Max(code, low), high), output + c);
            }
        }
    }

    private static void Twice(RescaleRows* rows, nint columns)
    {
        TSums low = TConversions.Broadcast(rows->Low);
        TSums high = TConversions.Broadcast(rows->High);
        TFloats step = TSet.Broadcast(rows->Numbers.Scale);
        TFloats start = TSet.Broadcast(rows->Numbers.Bias);
        TFloats factor = TSet.Broadcast(rows->Wide.Scale);
        TFloats offset = TSet.Broadcast(-rows->Wide.Offset);
        TFloats least = TSet.Broadcast(TensorQuantization<int>.Lower);
        TFloats greatest = TSet.Broadcast(TensorQuantization<int>.Upper);
        TSums firstHigh = TConversions.Broadcast(rows->First.High);
        TSums firstLow = TConversions.Broadcast(rows->First.Low);
        TSums firstOffset = TConversions.Broadcast((int)rows->First.Offset);
        TSums secondHigh = TConversions.Broadcast(rows->Second.High);
        TSums secondLow = TConversions.Broadcast(rows->Second.Low);
        TSums secondOffset = TConversions.Broadcast((int)rows->Second.Offset);
        for (nint r = 0; r < rows->Rows; r++)
        {
            int* codes = rows->Codes + (r * rows->Stride);
            byte* output = rows->Output + (r * rows->Stride);
            for (nint c = 0; c < columns; c += TSet.Width)
            {
                TSums narrow = TConversions.Scale(TConversions.LoadSums(codes + c), firstHigh, firstLow, firstOffset);
                TFloats number = TSet.FlushDenormals(TSet.Add(start, TSet.FlushDenormals(TSet.Multiply(TConversions.ToFloats(narrow), step))));
                TFloats wide = TSet.Add(TConversions.RoundAway(TSet.Multiply(number, factor)), offset);
                TSums sum = TConversions.Add(TConversions.Round(TSet.AtMost(TSet.AtLeast(wide, least), greatest)), TConversions.LoadSums(rows->Terms + c));
                TSums code = TConversions.Scale(sum, secondHigh, secondLow, secondOffset);
                TConversions.StoreBytes(TConversions.Min(TConversions.Max(code, low), high), output + c);
            }
        }
    }
}
