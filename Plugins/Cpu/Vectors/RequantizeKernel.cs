using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Gemm;

namespace TransformFramework.Cpu.Vectors;

/// <summary>Rows of codes[r, c] = clamp(round((sum[r, c] + bias[c]) · scale[c] + summand[r, c] · factor)), every step rounded to float, ties to even.</summary>
internal unsafe struct RequantizeRows : IVectorWork
{
    public int* Sums;

    public nint SumStride;

    /// <summary>Added to the sums as floats; may be null.</summary>
    public float* Bias;

    public float* Scale;

    /// <summary>Codes added after scaling; may be null. They may be the output.</summary>
    public byte* Summand;

    public bool IsSummandSigned;

    public float SummandFactor;

    public byte* Output;

    /// <summary>Bytes from one row to the next of output and summand.</summary>
    public nint OutputStride;

    public nint Rows;

    public nint Columns;

    public float Low;

    public float High;

    public readonly nint Length => Columns;

    public void Skip(nint columns)
    {
        Sums += columns;
        Bias = Bias == null ? null : Bias + columns;
        Scale += columns;
        Summand = Summand == null ? null : Summand + columns;
        Output += columns;
        Columns -= columns;
    }
}

/// <summary>Requantization with a bias and a summand or without.</summary>
internal static unsafe class RequantizeKernel<TSet, TFloats, TConversions, TSums>
    where TSet : struct, IFloatSet<TFloats>
    where TFloats : struct
    where TConversions : struct, ICodeConversions<TSums, TFloats>
    where TSums : struct
{
    public static void Run(RequantizeRows* rows, nint columns)
    {
        if (rows->Bias == null && rows->Summand == null)
            Plain(rows, columns);
        else
            Full(rows, columns);
    }

    private static void Plain(RequantizeRows* rows, nint columns)
    {
        TFloats low = TSet.Broadcast(rows->Low);
        TFloats high = TSet.Broadcast(rows->High);
        bool isSigned = rows->Low < 0;
        int width = TSet.Width;
        nint c = 0;
        for (; c <= columns - (4 * width); c += 4 * width)
        {
            TFloats scale0 = TSet.Load(rows->Scale + c);
            TFloats scale1 = TSet.Load(rows->Scale + c + width);
            TFloats scale2 = TSet.Load(rows->Scale + c + (2 * width));
            TFloats scale3 = TSet.Load(rows->Scale + c + (3 * width));
            int* sums = rows->Sums + c;
            byte* output = rows->Output + c;
            for (nint r = rows->Rows; r > 0; r--)
            {
                TSums code0 = Code(sums, scale0, low, high);
                TSums code1 = Code(sums + width, scale1, low, high);
                TSums code2 = Code(sums + (2 * width), scale2, low, high);
                TSums code3 = Code(sums + (3 * width), scale3, low, high);
                TConversions.StoreBytes(code0, code1, code2, code3, output, isSigned);
                sums += rows->SumStride;
                output += rows->OutputStride;
            }
        }
        for (; c < columns; c += width)
        {
            TFloats scale = TSet.Load(rows->Scale + c);
            int* sums = rows->Sums + c;
            byte* output = rows->Output + c;
            for (nint r = rows->Rows; r > 0; r--)
            {
                TConversions.StoreBytes(Code(sums, scale, low, high), output);
                sums += rows->SumStride;
                output += rows->OutputStride;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TSums Code(int* sums, TFloats scale, TFloats low, TFloats high) =>
        TConversions.Round(TSet.AtMost(TSet.AtLeast(TSet.Multiply(TConversions.ToFloats(TConversions.LoadSums(sums)), scale), low), high));

    private static void Full(RequantizeRows* rows, nint columns)
    {
        TFloats low = TSet.Broadcast(rows->Low);
        TFloats high = TSet.Broadcast(rows->High);
        TFloats factor = TSet.Broadcast(rows->SummandFactor);
        for (nint c = 0; c < columns; c += TSet.Width)
        {
            TFloats scale = TSet.Load(rows->Scale + c);
            int* sums = rows->Sums + c;
            for (nint r = 0; r < rows->Rows; r++)
            {
                TFloats code = TConversions.ToFloats(TConversions.LoadSums(sums));
                if (rows->Bias != null)
                    code = TSet.Add(code, TSet.Load(rows->Bias + c));
                code = TSet.Multiply(code, scale);
                if (rows->Summand != null)
                    code = TSet.Add(code, TSet.Multiply(TConversions.ToFloats(Summand(rows, rows->Summand + (r * rows->OutputStride) + c)), factor));
                TConversions.StoreBytes(TConversions.Round(TSet.AtMost(TSet.AtLeast(code, low), high)), rows->Output + (r * rows->OutputStride) + c);
                sums += rows->SumStride;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TSums Summand(RequantizeRows* rows, byte* codes) => rows->IsSummandSigned ? TConversions.LoadSigned((sbyte*)codes) : TConversions.LoadUnsigned(codes);
}
