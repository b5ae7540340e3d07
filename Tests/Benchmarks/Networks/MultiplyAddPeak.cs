using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>
/// The most multiplications and additions a second that one thread can do, in billions: independent fused multiply-adds on the widest vectors, measured, and of smaller numbers as many times more as one of
/// their instructions has products.
/// </summary>
internal static class MultiplyAddPeak
{
    private const int Steps = 20_000;
    private const int Repetitions = 60;
    private const int Chains = 12;
    private const int VnniBit = 11;

    private static readonly Lazy<double> Measured = new(MeasureFloat);

    /// <summary>The peak of a kind of numbers.</summary>
    /// <param name="kind">float, bf16, or a kind of 8-bit numbers.</param>
    public static double Of(string kind) => Measured.Value * (kind switch
    {
        "float" or "direct" => 1,
        "bf16" => 2,
        _ => HasVnni ? 4 : 2,
    });

    private static bool HasVnni =>
        Avx512BW.IsSupported && (X86Base.CpuId(7, 0).Ecx >> VnniBit & 1) == 1 && Environment.GetEnvironmentVariable("TRANSFORMFRAMEWORK_ISA") is null or "" or "vnni";

    private static double MeasureFloat()
    {
        int lanes = Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256.IsHardwareAccelerated ? Vector256<float>.Count : Vector128<float>.Count;
        double shortest = double.PositiveInfinity;
        for (int i = 0; i < Repetitions; i++)
        {
            long start = Stopwatch.GetTimestamp();
            if (lanes == Vector512<float>.Count)
                Sink = Run512();
            else if (lanes == Vector256<float>.Count)
                Sink = Run256();
            else
                Sink = Run128();
            shortest = Math.Min(shortest, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return 2.0 * lanes * Chains * Steps / shortest / 1e9;
    }

    /// <summary>Keeps the sums from being left out.</summary>
    private static float Sink { get; set; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run512()
    {
        Vector512<float> x = Vector512.Create(1e-9f), y = Vector512.Create(0.5f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int step = 0; step < Steps; step++)
        {
            (a, b, c, d) = (Vector512.FusedMultiplyAdd(x, y, a), Vector512.FusedMultiplyAdd(x, y, b), Vector512.FusedMultiplyAdd(x, y, c), Vector512.FusedMultiplyAdd(x, y, d));
            (e, f, g, h) = (Vector512.FusedMultiplyAdd(x, y, e), Vector512.FusedMultiplyAdd(x, y, f), Vector512.FusedMultiplyAdd(x, y, g), Vector512.FusedMultiplyAdd(x, y, h));
            (i, j, k, l) = (Vector512.FusedMultiplyAdd(x, y, i), Vector512.FusedMultiplyAdd(x, y, j), Vector512.FusedMultiplyAdd(x, y, k), Vector512.FusedMultiplyAdd(x, y, l));
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run256()
    {
        Vector256<float> x = Vector256.Create(1e-9f), y = Vector256.Create(0.5f);
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int step = 0; step < Steps; step++)
        {
            (a, b, c, d) = (Vector256.FusedMultiplyAdd(x, y, a), Vector256.FusedMultiplyAdd(x, y, b), Vector256.FusedMultiplyAdd(x, y, c), Vector256.FusedMultiplyAdd(x, y, d));
            (e, f, g, h) = (Vector256.FusedMultiplyAdd(x, y, e), Vector256.FusedMultiplyAdd(x, y, f), Vector256.FusedMultiplyAdd(x, y, g), Vector256.FusedMultiplyAdd(x, y, h));
            (i, j, k, l) = (Vector256.FusedMultiplyAdd(x, y, i), Vector256.FusedMultiplyAdd(x, y, j), Vector256.FusedMultiplyAdd(x, y, k), Vector256.FusedMultiplyAdd(x, y, l));
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run128()
    {
        Vector128<float> x = Vector128.Create(1e-9f), y = Vector128.Create(0.5f);
        Vector128<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int step = 0; step < Steps; step++)
        {
            (a, b, c, d) = (Vector128.FusedMultiplyAdd(x, y, a), Vector128.FusedMultiplyAdd(x, y, b), Vector128.FusedMultiplyAdd(x, y, c), Vector128.FusedMultiplyAdd(x, y, d));
            (e, f, g, h) = (Vector128.FusedMultiplyAdd(x, y, e), Vector128.FusedMultiplyAdd(x, y, f), Vector128.FusedMultiplyAdd(x, y, g), Vector128.FusedMultiplyAdd(x, y, h));
            (i, j, k, l) = (Vector128.FusedMultiplyAdd(x, y, i), Vector128.FusedMultiplyAdd(x, y, j), Vector128.FusedMultiplyAdd(x, y, k), Vector128.FusedMultiplyAdd(x, y, l));
        }
        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
