using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels;

namespace TransformFramework.Cpu.Vectors;

/// <summary>The least or greatest of numbers, denormals taken as zeros, what is not a number left out; of zeros alone either may come out.</summary>
internal static unsafe class ExtremeKernel<TSet, TVector>
    where TSet : struct, IFloatSet<TVector>
    where TVector : struct
{
    private const int WidestVector = 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Least(float* numbers, nint count)
    {
        TVector least = TSet.Broadcast(float.PositiveInfinity);
        for (nint i = 0; i < count; i += TSet.Width)
            least = TSet.AtMost(least, TSet.FlushDenormals(TSet.Load(numbers + i)));
        float* lanes = stackalloc float[WidestVector];
        TSet.Store(least, lanes);
        return Extremes.Least(new(lanes, TSet.Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Greatest(float* numbers, nint count)
    {
        TVector greatest = TSet.Broadcast(float.NegativeInfinity);
        for (nint i = 0; i < count; i += TSet.Width)
            greatest = TSet.AtLeast(greatest, TSet.FlushDenormals(TSet.Load(numbers + i)));
        float* lanes = stackalloc float[WidestVector];
        TSet.Store(greatest, lanes);
        return Extremes.Greatest(new(lanes, TSet.Width));
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
