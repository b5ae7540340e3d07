using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Requantize;

/// <summary>Real values and their 8-bit values, the one to be computed from the other.</summary>
internal unsafe struct QuantizationTile<TScale> : IVectorWork
    where TScale : unmanaged
{
    public float* Reals;

    public byte* Quantized;

    public nint Count;

    public TScale Scale;

    public readonly nint Length => Count;

    public void Skip(nint count)
    {
        Reals += count;
        Quantized += count;
        Count -= count;
    }
}

/// <summary>A sum of bytes by groups: an element of a vector takes up a group.</summary>
internal unsafe struct ByteSum : IVectorWork
{
    /// <summary>Bytes of a group.</summary>
    public const int Group = 4;

    public byte* Source;

    /// <summary>Bytes; what is no whole group is left out.</summary>
    public nint Count;

    public int Total;

    public readonly nint Length => Count / Group;

    public void Skip(nint count)
    {
        Source += count * Group;
        Count -= count * Group;
    }
}

/// <summary>A sum of two quint8 tensors along straight lines, z = x·scaleX + y·scaleY + start, and its range.</summary>
internal unsafe struct LinearSum : IVectorWork
{
    public byte* X;

    public byte* Y;

    public int ScaleX;

    public int ScaleY;

    public int Offset;

    public int* Output;

    public nint Count;

    /// <summary>The least output so far.</summary>
    public int Least;

    /// <summary>The greatest output so far.</summary>
    public int Greatest;

    public readonly nint Length => Count;

    public void Skip(nint count)
    {
        X += count;
        Y += count;
        Output += count;
        Count -= count;
    }
}

/// <summary>Conversions of whole tensors, in the order of operations of the reference kernels.</summary>
internal static unsafe class QuantizationKernels<TIsa, TFloats, TConversions, TAccumulators>
    where TIsa : struct, IFloatIsa<TFloats>
    where TFloats : struct
    where TConversions : struct, IInt8Conversions<TAccumulators, TFloats>
    where TAccumulators : struct
{
    private const int WidestVector = 16;

    public static void Sum(ByteSum* sum, nint count)
    {
        TAccumulators accumulators = TConversions.Broadcast(0);
        for (nint i = 0; i < count; i += TIsa.Lanes)
            accumulators = TConversions.AddBytes(accumulators, sum->Source + (i * ByteSum.Group));
        sum->Total += TConversions.Total(accumulators);
    }

    public static void Quantize(QuantizationTile<TensorQuantization<byte>>* work, nint count)
    {
        TFloats factor = TIsa.Broadcast(work->Scale.Scale);
        TFloats offset = TIsa.Broadcast(-work->Scale.Offset);
        TFloats low = TIsa.Broadcast(TensorQuantization<byte>.Lower);
        TFloats high = TIsa.Broadcast(TensorQuantization<byte>.Upper);
        for (nint i = 0; i < count; i += TIsa.Lanes)
        {
            TFloats q = TIsa.Add(TConversions.RoundAway(TIsa.Multiply(TIsa.FlushDenormals(TIsa.Load(work->Reals + i)), factor)), offset);
            TConversions.StoreBytes(TConversions.Round(TIsa.AtMost(TIsa.AtLeast(q, low), high)), work->Quantized + i);
        }
    }

    public static void Dequantize(QuantizationTile<TensorDequantization<byte>>* work, nint count)
    {
        TFloats scale = TIsa.Broadcast(work->Scale.Scale);
        TFloats start = TIsa.Broadcast(work->Scale.Bias);
        for (nint i = 0; i < count; i += TIsa.Lanes)
        {
            TFloats scaled = TIsa.FlushDenormals(TIsa.Multiply(TConversions.ToFloats(TConversions.LoadUnsigned(work->Quantized + i)), scale));
            TIsa.Store(TIsa.FlushDenormals(TIsa.Add(start, scaled)), work->Reals + i);
        }
    }

    public static void AddLinear(LinearSum* sum, nint count)
    {
        TAccumulators scaleX = TConversions.Broadcast(sum->ScaleX);
        TAccumulators scaleY = TConversions.Broadcast(sum->ScaleY);
        TAccumulators start = TConversions.Broadcast(sum->Offset);
        TAccumulators least = TConversions.Broadcast(int.MaxValue);
        TAccumulators greatest = TConversions.Broadcast(int.MinValue);
        for (nint i = 0; i < count; i += TIsa.Lanes)
        {
            TAccumulators x = TConversions.Multiply(TConversions.LoadUnsigned(sum->X + i), scaleX);
            TAccumulators y = TConversions.Multiply(TConversions.LoadUnsigned(sum->Y + i), scaleY);
            TAccumulators z = TConversions.Add(TConversions.Add(x, y), start);
            least = TConversions.Min(least, z);
            greatest = TConversions.Max(greatest, z);
            TConversions.StoreAccumulators(z, sum->Output + i);
        }
        var (lowest, highest) = Reduce(least, greatest);
        sum->Least = Math.Min(sum->Least, lowest);
        sum->Greatest = Math.Max(sum->Greatest, highest);
    }

    /// <summary>The least and greatest of the elements of two vectors.</summary>
    private static (int Least, int Greatest) Reduce(TAccumulators least, TAccumulators greatest)
    {
        int* elements = stackalloc int[WidestVector];
        TConversions.StoreAccumulators(least, elements);
        int lowest = int.MaxValue;
        for (int i = 0; i < TIsa.Lanes; i++)
            lowest = Math.Min(lowest, elements[i]);
        TConversions.StoreAccumulators(greatest, elements);
        int highest = int.MinValue;
        for (int i = 0; i < TIsa.Lanes; i++)
            highest = Math.Max(highest, elements[i]);
        return (lowest, highest);
    }
}
