using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Requantize;

/// <summary>
/// Rows of real[r, c] = clamp(round(accumulator[r, c] + bias[c]) · unit[c] + residual[r, c]), every step rounded to float, ties to even. Without a bias nothing is rounded to whole numbers.
/// </summary>
internal unsafe struct DequantizeAccumulatorsRows : IVectorWork
{
    public int* Accumulators;

    public nint AccumulatorStride;

    /// <summary>Added to the accumulators as floats; may be null. Sums are within 31 bits.</summary>
    public float* Bias;

    public float* Units;

    /// <summary>Added after scaling; may be null. It may be the output.</summary>
    public float* Residual;

    public float* Output;

    /// <summary>Floats from one row to the next of output and residual.</summary>
    public nint OutputStride;

    public nint Rows;

    public nint Columns;

    public float Low;

    public float High;

    public readonly nint Length => Columns;

    public void Skip(nint columns)
    {
        Accumulators += columns;
        Bias = Bias == null ? null : Bias + columns;
        Units += columns;
        Residual = Residual == null ? null : Residual + columns;
        Output += columns;
        Columns -= columns;
    }
}

/// <summary>Accumulators to the real values that they stand for.</summary>
internal static unsafe class DequantizeAccumulatorsKernel<TIsa, TFloats, TConversions, TAccumulators>
    where TIsa : struct, IFloatIsa<TFloats>
    where TFloats : struct
    where TConversions : struct, IInt8Conversions<TAccumulators, TFloats>
    where TAccumulators : struct
{
    public static void Run(DequantizeAccumulatorsRows* rows, nint columns)
    {
        TFloats low = TIsa.Broadcast(rows->Low);
        TFloats high = TIsa.Broadcast(rows->High);
        for (nint c = 0; c < columns; c += TIsa.Lanes)
        {
            TFloats unit = TIsa.Load(rows->Units + c);
            int* accumulators = rows->Accumulators + c;
            nint at = c;
            for (nint r = rows->Rows; r > 0; r--)
            {
                TFloats value = TIsa.Multiply(WithBias(rows, c, TConversions.ToFloats(TConversions.LoadAccumulators(accumulators))), unit);
                if (rows->Residual != null)
                    value = TIsa.FlushDenormals(TIsa.Add(value, TIsa.FlushDenormals(TIsa.Load(rows->Residual + at))));
                TIsa.Store(TIsa.AtMost(TIsa.AtLeast(value, low), high), rows->Output + at);
                accumulators += rows->AccumulatorStride;
                at += rows->OutputStride;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TFloats WithBias(DequantizeAccumulatorsRows* rows, nint column, TFloats accumulators) =>
        rows->Bias == null ? accumulators : TConversions.ToFloats(TConversions.Round(TIsa.Add(accumulators, TIsa.Load(rows->Bias + column))));
}
