using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Requantize;

/// <summary>Rows of real[r, c] = clamp(((accumulator[r, c] − zero point[r] · column sum[c]) · row scale[r]) · column scale[c] + offset[c]), every step rounded to float.</summary>
internal unsafe struct DequantizeDynamicRows : IVectorWork
{
    public int* Accumulators;

    public nint AccumulatorStride;

    /// <summary>Sum of each column's weights.</summary>
    public int* ColumnSums;

    public float* ColumnScales;

    /// <summary>Added to each column; may be null.</summary>
    public float* Offset;

    /// <summary>What a quantized value of each row counts.</summary>
    public float* RowScales;

    public int* RowZeroPoints;

    public float* Output;

    public nint OutputStride;

    public nint Rows;

    public nint Columns;

    public float Low;

    public float High;

    public readonly nint Length => Columns;

    public void Skip(nint columns)
    {
        Accumulators += columns;
        ColumnSums += columns;
        ColumnScales += columns;
        Offset = Offset == null ? null : Offset + columns;
        Output += columns;
        Columns -= columns;
    }
}

/// <summary>Quantization of rows by ranges of their own, and what becomes of their products.</summary>
internal static unsafe class DynamicQuantizationKernel<TIsa, TFloats, TConversions, TAccumulators>
    where TIsa : struct, IFloatIsa<TFloats>
    where TFloats : struct
    where TConversions : struct, IInt8Conversions<TAccumulators, TFloats>
    where TAccumulators : struct
{
    public static void Quantize(QuantizationTile<DynamicQuantization>* work, nint count)
    {
        TFloats factor = TIsa.Broadcast(work->Scale.Factor);
        TFloats half = TIsa.Broadcast(0.5f);
        TFloats low = TIsa.Broadcast(-work->Scale.ZeroPoint);
        TFloats high = TIsa.Broadcast(byte.MaxValue - work->Scale.ZeroPoint);
        TAccumulators zero = TConversions.Broadcast(work->Scale.ZeroPoint);
        for (nint i = 0; i < count; i += TIsa.Lanes)
        {
            TFloats steps = TConversions.Floor(TIsa.Add(TIsa.Multiply(TIsa.Load(work->Reals + i), factor), half));
            TConversions.StoreBytes(TConversions.Add(TConversions.Round(TIsa.AtMost(TIsa.AtLeast(steps, low), high)), zero), work->Quantized + i);
        }
    }

    public static void Dequantize(DequantizeDynamicRows* rows, nint columns)
    {
        TFloats low = TIsa.Broadcast(rows->Low);
        TFloats high = TIsa.Broadcast(rows->High);
        for (nint c = 0; c < columns; c += TIsa.Lanes)
        {
            TFloats scale = TIsa.Load(rows->ColumnScales + c);
            TAccumulators sums = TConversions.LoadAccumulators(rows->ColumnSums + c);
            int* accumulators = rows->Accumulators + c;
            float* output = rows->Output + c;
            for (nint r = 0; r < rows->Rows; r++)
            {
                TAccumulators centred = TConversions.Add(TConversions.LoadAccumulators(accumulators), TConversions.Multiply(sums, TConversions.Broadcast(-rows->RowZeroPoints[r])));
                TFloats real = TIsa.Multiply(TIsa.Multiply(TConversions.ToFloats(centred), TIsa.Broadcast(rows->RowScales[r])), scale);
                TIsa.Store(TIsa.AtMost(TIsa.AtLeast(WithOffset(rows, c, real), low), high), output);
                accumulators += rows->AccumulatorStride;
                output += rows->OutputStride;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TFloats WithOffset(DequantizeDynamicRows* rows, nint column, TFloats real) => rows->Offset == null ? real : TIsa.Add(real, TIsa.Load(rows->Offset + column));
}
