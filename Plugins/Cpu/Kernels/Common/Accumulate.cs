using System.Numerics;
using System.Runtime.InteropServices;

namespace TransformFramework.Cpu.Kernels;

/// <summary>The inner loop of the reference products.</summary>
internal static class Accumulate
{
    /// <summary>sums[i] += factor · row[i], in double precision.</summary>
    public static void AddScaled(Span<double> sums, double factor, ReadOnlySpan<double> row)
    {
        var wide = MemoryMarshal.Cast<double, Vector<double>>(sums);
        var rows = MemoryMarshal.Cast<double, Vector<double>>(row);
        var factors = new Vector<double>(factor);
        for (int i = 0; i < wide.Length; i++)
            wide[i] += factors * rows[i];
        for (int i = wide.Length * Vector<double>.Count; i < sums.Length; i++)
            sums[i] += factor * row[i];
    }
}
