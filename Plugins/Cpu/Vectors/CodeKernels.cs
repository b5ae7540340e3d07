using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels.Quantized;

namespace TransformFramework.Cpu.Vectors;

/// <summary>Numbers and their 8-bit codes, the one to be computed from the other.</summary>
internal unsafe struct CodedNumbers<TScale> : IVectorWork
    where TScale : unmanaged
{
    public float* Numbers;

    public byte* Codes;

    public nint Count;

    public TScale Scale;

    public readonly nint Length => Count;

    public void Skip(nint count)
    {
        Numbers += count;
        Codes += count;
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

/// <summary>A sum of two quint8 tensors along straight lines, z = x·stepX + y·stepY + start, and its extent.</summary>
internal unsafe struct LineSum : IVectorWork
{
    public byte* X;

    public byte* Y;

    public int StepX;

    public int StepY;

    public int Start;

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
internal static unsafe class CodeKernels<TSet, TFloats, TConversions, TSums>
    where TSet : struct, IFloatSet<TFloats>
    where TFloats : struct
    where TConversions : struct, ICodeConversions<TSums, TFloats>
    where TSums : struct
{
    private const int WidestVector = 16;

    public static void Sum(ByteSum* sum, nint count)
    {
        TSums sums = TConversions.Broadcast(0);
        for (nint i = 0; i < count; i += TSet.Width)
            sums = TConversions.AddBytes(sums, sum->Source + (i * ByteSum.Group));
        sum->Total += TConversions.Total(sums);
    }

    public static void Quantize(CodedNumbers<TensorQuantization<byte>>* work, nint count)
    {
        TFloats factor = TSet.Broadcast(work->Scale.Scale);
        TFloats offset = TSet.Broadcast(-work->Scale.Offset);
        TFloats low = TSet.Broadcast(TensorQuantization<byte>.Lower);
        TFloats high = TSet.Broadcast(TensorQuantization<byte>.Upper);
        for (nint i = 0; i < count; i += TSet.Width)
        {
            TFloats code = TSet.Add(TConversions.RoundAway(TSet.Multiply(TSet.FlushDenormals(TSet.Load(work->Numbers + i)), factor)), offset);
            TConversions.StoreBytes(TConversions.Round(TSet.AtMost(TSet.AtLeast(code, low), high)), work->Codes + i);
        }
    }

    public static void Dequantize(CodedNumbers<TensorDequantization<byte>>* work, nint count)
    {
        TFloats step = TSet.Broadcast(work->Scale.Scale);
        TFloats start = TSet.Broadcast(work->Scale.Bias);
        for (nint i = 0; i < count; i += TSet.Width)
        {
            TFloats scaled = TSet.FlushDenormals(TSet.Multiply(TConversions.ToFloats(TConversions.LoadUnsigned(work->Codes + i)), step));
            TSet.Store(TSet.FlushDenormals(TSet.Add(start, scaled)), work->Numbers + i);
        }
    }

    public static void AddLines(LineSum* sum, nint count)
    {
        TSums stepX = TConversions.Broadcast(sum->StepX);
        TSums stepY = TConversions.Broadcast(sum->StepY);
        TSums start = TConversions.Broadcast(sum->Start);
        TSums least = TConversions.Broadcast(int.MaxValue);
        TSums greatest = TConversions.Broadcast(int.MinValue);
        for (nint i = 0; i < count; i += TSet.Width)
        {
            TSums x = TConversions.Multiply(TConversions.LoadUnsigned(sum->X + i), stepX);
            TSums y = TConversions.Multiply(TConversions.LoadUnsigned(sum->Y + i), stepY);
            TSums z = TConversions.Add(TConversions.Add(x, y), start);
            least = TConversions.Min(least, z);
            greatest = TConversions.Max(greatest, z);
            TConversions.StoreSums(z, sum->Output + i);
        }
        var (lowest, highest) = Reduce(least, greatest);
        sum->Least = Math.Min(sum->Least, lowest);
        sum->Greatest = Math.Max(sum->Greatest, highest);
    }

    /// <summary>The least and greatest of the elements of two vectors.</summary>
    private static (int Least, int Greatest) Reduce(TSums least, TSums greatest)
    {
        int* elements = stackalloc int[WidestVector];
        TConversions.StoreSums(least, elements);
        int lowest = int.MaxValue;
        for (int i = 0; i < TSet.Width; i++)
            lowest = Math.Min(lowest, elements[i]);
        TConversions.StoreSums(greatest, elements);
        int highest = int.MinValue;
        for (int i = 0; i < TSet.Width; i++)
            highest = Math.Max(highest, elements[i]);
        return (lowest, highest);
    }
}
