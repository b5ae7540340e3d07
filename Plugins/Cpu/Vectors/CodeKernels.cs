using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels.Quantized;

namespace TransformFramework.Cpu.Vectors;

/// <summary>A sum of two quint8 tensors along straight lines, z = x·stepX + y·stepY + start, and its extent.</summary>
internal unsafe struct LineSum
{
    public byte* X;

    public byte* Y;

    public int StepX;

    public int StepY;

    public int Start;

    public int* Output;

    public nint Count;

    /// <summary>The least output, set by the kernel.</summary>
    public int Least;

    /// <summary>The greatest output, set by the kernel.</summary>
    public int Greatest;

    /// <summary>Leaves out the first elements.</summary>
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Sum(byte* source, nint count)
    {
        TSums sums = TConversions.Broadcast(0);
        for (nint i = 0; i < count; i += 4 * TSet.Width)
            sums = TConversions.AddBytes(sums, source + i);
        return TConversions.Total(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(float* numbers, byte* codes, nint count, TensorQuantization<byte> scale)
    {
        TFloats factor = TSet.Broadcast(scale.Scale);
        TFloats offset = TSet.Broadcast(-scale.Offset);
        TFloats low = TSet.Broadcast(TensorQuantization<byte>.Lower);
        TFloats high = TSet.Broadcast(TensorQuantization<byte>.Upper);
        for (nint i = 0; i < count; i += TSet.Width)
        {
            TFloats code = TSet.Add(TConversions.RoundAway(TSet.Multiply(TSet.FlushDenormals(TSet.Load(numbers + i)), factor)), offset);
            TConversions.StoreBytes(TConversions.Round(TSet.AtMost(TSet.AtLeast(code, low), high)), codes + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dequantize(byte* codes, float* numbers, nint count, TensorDequantization<byte> scale)
    {
        TFloats step = TSet.Broadcast(scale.Scale);
        TFloats start = TSet.Broadcast(scale.Bias);
        for (nint i = 0; i < count; i += TSet.Width)
        {
            TFloats scaled = TSet.FlushDenormals(TSet.Multiply(TConversions.ToFloats(TConversions.LoadUnsigned(codes + i)), step));
            TSet.Store(TSet.FlushDenormals(TSet.Add(start, scaled)), numbers + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
        (sum->Least, sum->Greatest) = Reduce(least, greatest);
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
