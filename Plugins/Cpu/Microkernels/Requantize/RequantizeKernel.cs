using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Requantize;

/// <summary>Rows of quantized[r, c] = clamp(round((sum[r, c] + bias[c]) · scale[c] + residual[r, c] · factor)), every step rounded to float, ties to even.</summary>
internal unsafe struct RequantizeRows : IVectorWork
{
    public int* Accumulators;

    public nint AccumulatorStride;

    /// <summary>Added to the accumulators as floats; may be null.</summary>
    public float* Bias;

    public float* Scale;

    /// <summary>Quantized values added after scaling; may be null. They may be the output.</summary>
    public byte* Residual;

    public bool IsResidualSigned;

    public float ResidualScale;

    public byte* Output;

    /// <summary>Bytes from one row to the next of output and residual.</summary>
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
        Scale += columns;
        Residual = Residual == null ? null : Residual + columns;
        Output += columns;
        Columns -= columns;
    }
}

/// <summary>Requantization with a bias and a residual or without.</summary>
internal static unsafe class RequantizeKernel<TIsa, TFloats, TConversions, TAccumulators>
    where TIsa : struct, IFloatIsa<TFloats>
    where TFloats : struct
    where TConversions : struct, IInt8Conversions<TAccumulators, TFloats>
    where TAccumulators : struct
{
    public static void Run(RequantizeRows* rows, nint columns)
    {
        if (rows->Bias == null && rows->Residual == null)
            Plain(rows, columns);
        else
            Full(rows, columns);
    }

    private static void Plain(RequantizeRows* rows, nint columns)
    {
        TFloats low = TIsa.Broadcast(rows->Low);
        TFloats high = TIsa.Broadcast(rows->High);
        bool isSigned = rows->Low < 0;
        int width = TIsa.Lanes;
        nint c = 0;
        for (; c <= columns - (4 * width); c += 4 * width)
        {
            TFloats scale0 = TIsa.Load(rows->Scale + c);
            TFloats scale1 = TIsa.Load(rows->Scale + c + width);
            TFloats scale2 = TIsa.Load(rows->Scale + c + (2 * width));
            TFloats scale3 = TIsa.Load(rows->Scale + c + (3 * width));
            int* accumulators = rows->Accumulators + c;
            byte* output = rows->Output + c;
            for (nint r = rows->Rows; r > 0; r--)
            {
                TAccumulators level0 = Level(accumulators, scale0, low, high);
                TAccumulators level1 = Level(accumulators + width, scale1, low, high);
                TAccumulators level2 = Level(accumulators + (2 * width), scale2, low, high);
                TAccumulators level3 = Level(accumulators + (3 * width), scale3, low, high);
                TConversions.StoreBytes(level0, level1, level2, level3, output, isSigned);
                accumulators += rows->AccumulatorStride;
                output += rows->OutputStride;
            }
        }
        for (; c < columns; c += width)
        {
            TFloats scale = TIsa.Load(rows->Scale + c);
            int* accumulators = rows->Accumulators + c;
            byte* output = rows->Output + c;
            for (nint r = rows->Rows; r > 0; r--)
            {
                TConversions.StoreBytes(Level(accumulators, scale, low, high), output);
                accumulators += rows->AccumulatorStride;
                output += rows->OutputStride;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TAccumulators Level(int* accumulators, TFloats scale, TFloats low, TFloats high) =>
        TConversions.Round(TIsa.AtMost(TIsa.AtLeast(TIsa.Multiply(TConversions.ToFloats(TConversions.LoadAccumulators(accumulators)), scale), low), high));

    private static void Full(RequantizeRows* rows, nint columns)
    {
        TFloats low = TIsa.Broadcast(rows->Low);
        TFloats high = TIsa.Broadcast(rows->High);
        TFloats factor = TIsa.Broadcast(rows->ResidualScale);
        for (nint c = 0; c < columns; c += TIsa.Lanes)
        {
            TFloats scale = TIsa.Load(rows->Scale + c);
            int* accumulators = rows->Accumulators + c;
            for (nint r = 0; r < rows->Rows; r++)
            {
                TFloats q = TConversions.ToFloats(TConversions.LoadAccumulators(accumulators));
                if (rows->Bias != null)
                    q = TIsa.Add(q, TIsa.Load(rows->Bias + c));
                q = TIsa.Multiply(q, scale);
                if (rows->Residual != null)
                    q = TIsa.Add(q, TIsa.Multiply(TConversions.ToFloats(Residual(rows, rows->Residual + (r * rows->OutputStride) + c)), factor));
                TConversions.StoreBytes(TConversions.Round(TIsa.AtMost(TIsa.AtLeast(q, low), high)), rows->Output + (r * rows->OutputStride) + c);
                accumulators += rows->AccumulatorStride;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TAccumulators Residual(RequantizeRows* rows, byte* quantized) => rows->IsResidualSigned ? TConversions.LoadSigned((sbyte*)quantized) : TConversions.LoadUnsigned(quantized);
}
