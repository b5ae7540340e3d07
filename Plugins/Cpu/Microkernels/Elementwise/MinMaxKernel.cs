using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Elementwise;

/// <summary>Numbers whose least or greatest is looked for.</summary>
internal unsafe struct MinMaxTile : IVectorWork
{
    public float* Reals;

    public nint Count;

    /// <summary>The least or greatest so far.</summary>
    public float Value;

    public readonly nint Length => Count;

    public void Skip(nint count)
    {
        Reals += count;
        Count -= count;
    }
}

/// <summary>The least or greatest of numbers, denormals taken as zeros, what is not a number left out; of zeros alone either may come out.</summary>
internal static unsafe class MinMaxKernel<TIsa, TVector>
    where TIsa : struct, IFloatIsa<TVector>
    where TVector : struct
{
    private const int WidestVector = 16;

    public static void Least(MinMaxTile* work, nint count)
    {
        TVector least = TIsa.Broadcast(work->Value);
        for (nint i = 0; i < count; i += TIsa.Lanes)
            least = TIsa.AtMost(least, TIsa.FlushDenormals(TIsa.Load(work->Reals + i)));
        float* lanes = stackalloc float[WidestVector];
        TIsa.Store(least, lanes);
        work->Value = MinMaxValues.Least(new(lanes, TIsa.Lanes));
    }

    public static void Greatest(MinMaxTile* work, nint count)
    {
        TVector greatest = TIsa.Broadcast(work->Value);
        for (nint i = 0; i < count; i += TIsa.Lanes)
            greatest = TIsa.AtLeast(greatest, TIsa.FlushDenormals(TIsa.Load(work->Reals + i)));
        float* lanes = stackalloc float[WidestVector];
        TIsa.Store(greatest, lanes);
        work->Value = MinMaxValues.Greatest(new(lanes, TIsa.Lanes));
    }
}

/// <summary>The least and the greatest of a few numbers.</summary>
internal static class MinMaxValues
{
    public static float Least(ReadOnlySpan<float> reals)
    {
        float least = float.PositiveInfinity;
        foreach (float number in reals)
            least = number < least ? number : least;
        return least;
    }

    public static float Greatest(ReadOnlySpan<float> reals)
    {
        float greatest = float.NegativeInfinity;
        foreach (float number in reals)
            greatest = number > greatest ? number : greatest;
        return greatest;
    }

    /// <summary>The first of the numbers that count as zero.</summary>
    public static float FirstZero(ReadOnlySpan<float> reals)
    {
        foreach (float number in reals)
        {
            if (Denormals.Flush(number) == 0)
                return Denormals.Flush(number);
        }
        return 0;
    }
}
