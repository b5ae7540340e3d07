using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels;

namespace TransformFramework.Cpu.Vectors;

/// <summary>Numbers whose least or greatest is looked for.</summary>
internal unsafe struct Extreme : IVectorWork
{
    public float* Numbers;

    public nint Count;

    /// <summary>The least or greatest so far.</summary>
    public float Value;

    public readonly nint Length => Count;

    public void Skip(nint count)
    {
        Numbers += count;
        Count -= count;
    }
}

/// <summary>The least or greatest of numbers, denormals taken as zeros, what is not a number left out; of zeros alone either may come out.</summary>
internal static unsafe class ExtremeKernel<TSet, TVector>
    where TSet : struct, IFloatSet<TVector>
    where TVector : struct
{
    private const int WidestVector = 16;

    public static void Least(Extreme* work, nint count)
    {
        TVector least = TSet.Broadcast(work->Value);
        for (nint i = 0; i < count; i += TSet.Width)
            least = TSet.AtMost(least, TSet.FlushDenormals(TSet.Load(work->Numbers + i)));
        float* lanes = stackalloc float[WidestVector];
        TSet.Store(least, lanes);
        work->Value = Extremes.Least(new(lanes, TSet.Width));
    }

    public static void Greatest(Extreme* work, nint count)
    {
        TVector greatest = TSet.Broadcast(work->Value);
        for (nint i = 0; i < count; i += TSet.Width)
            greatest = TSet.AtLeast(greatest, TSet.FlushDenormals(TSet.Load(work->Numbers + i)));
        float* lanes = stackalloc float[WidestVector];
        TSet.Store(greatest, lanes);
        work->Value = Extremes.Greatest(new(lanes, TSet.Width));
    }
}

/// <summary>The least and the greatest of a few numbers.</summary>
internal static class Extremes
{
    public static float Least(ReadOnlySpan<float> numbers)
    {
        float least = float.PositiveInfinity;
        foreach (float number in numbers)
            least = number < least ? number : least;
        return least;
    }

    public static float Greatest(ReadOnlySpan<float> numbers)
    {
        float greatest = float.NegativeInfinity;
        foreach (float number in numbers)
            greatest = number > greatest ? number : greatest;
        return greatest;
    }

    /// <summary>The first of the numbers that count as zero.</summary>
    public static float FirstZero(ReadOnlySpan<float> numbers)
    {
        foreach (float number in numbers)
        {
            if (Denormals.Flush(number) == 0)
                return Denormals.Flush(number);
        }
        return 0;
    }
}
