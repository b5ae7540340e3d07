using System.Numerics;
using System.Runtime.InteropServices;

namespace TransformFramework.Cpu.Kernels;

/// <summary>The inner loops of the reference products.</summary>
internal static class Accumulate
{
    /// <summary>sums[i] += factor · row[i], the product rounded before the sum.</summary>
    public static void AddScaled<T>(Span<T> sums, T factor, ReadOnlySpan<T> row)
        where T : unmanaged, INumber<T>
    {
        var wide = MemoryMarshal.Cast<T, Vector<T>>(sums);
        var rows = MemoryMarshal.Cast<T, Vector<T>>(row);
        var factors = new Vector<T>(factor);
        for (int i = 0; i < wide.Length; i++)
            wide[i] += factors * rows[i];
        for (int i = wide.Length * Vector<T>.Count; i < sums.Length; i++)
            sums[i] += factor * row[i];
    }

    /// <summary>sums[i] += factor · row[i], rounded once.</summary>
    public static void AddFused(Span<float> sums, float factor, ReadOnlySpan<float> row)
    {
        var wide = MemoryMarshal.Cast<float, Vector<float>>(sums);
        var rows = MemoryMarshal.Cast<float, Vector<float>>(row);
        var factors = new Vector<float>(factor);
        for (int i = 0; i < wide.Length; i++)
            wide[i] = Vector.FusedMultiplyAdd(factors, rows[i], wide[i]);
        for (int i = wide.Length * Vector<float>.Count; i < sums.Length; i++)
            sums[i] = MathF.FusedMultiplyAdd(factor, row[i], sums[i]);
    }
}
