using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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

    private static readonly Lazy<double> Measured = new(MeasureFloat);

    /// <summary>The peak of a kind of numbers.</summary>
    /// <param name="kind">float, bf16, or a kind of 8-bit numbers.</param>
    /// <param name="instructionSet">What the backend multiplies 8-bit numbers by.</param>
    public static double Of(string kind, string instructionSet) => Measured.Value * (kind switch
    {
        "float" or "direct" => 1,
        "bf16" => 2,
        _ => instructionSet.Contains("vnni", StringComparison.Ordinal) ? 4 : 2,
    });

    /// <summary>Keeps the sums from being left out.</summary>
    private static float Sink { get; set; }

    private static double MeasureFloat()
    {
        if (Vector512.IsHardwareAccelerated)
            return Measure(Run<Wide512, Vector512<float>>, Vector512<float>.Count);
        return Vector256.IsHardwareAccelerated ? Measure(Run<Wide256, Vector256<float>>, Vector256<float>.Count) : Measure(Run<Wide128, Vector128<float>>, Vector128<float>.Count);
    }

    private static double Measure(Func<float> run, int lanes)
    {
        double shortest = double.PositiveInfinity;
        for (int i = 0; i < Repetitions; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Sink = run();
            shortest = Math.Min(shortest, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return 2.0 * lanes * Chains * Steps / shortest / 1e9;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run<TWidth, T>()
        where TWidth : IWidth<T>
        where T : struct
    {
        T x = TWidth.Create(1e-9f), y = TWidth.Create(0.5f);
        T a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int step = 0; step < Steps; step++)
        {
            (a, b, c, d) = (TWidth.MultiplyAdd(x, y, a), TWidth.MultiplyAdd(x, y, b), TWidth.MultiplyAdd(x, y, c), TWidth.MultiplyAdd(x, y, d));
            (e, f, g, h) = (TWidth.MultiplyAdd(x, y, e), TWidth.MultiplyAdd(x, y, f), TWidth.MultiplyAdd(x, y, g), TWidth.MultiplyAdd(x, y, h));
            (i, j, k, l) = (TWidth.MultiplyAdd(x, y, i), TWidth.MultiplyAdd(x, y, j), TWidth.MultiplyAdd(x, y, k), TWidth.MultiplyAdd(x, y, l));
        }
        return TWidth.Sum([a, b, c, d, e, f, g, h, i, j, k, l]);
    }

    /// <summary>Vectors of one width.</summary>
    private interface IWidth<T>
    {
        static abstract T Create(float value);

        static abstract T MultiplyAdd(T left, T right, T sum);

        static abstract float Sum(T[] vectors);
    }

    private readonly struct Wide512 : IWidth<Vector512<float>>
    {
        public static Vector512<float> Create(float value) => Vector512.Create(value);

        public static Vector512<float> MultiplyAdd(Vector512<float> left, Vector512<float> right, Vector512<float> sum) => Vector512.FusedMultiplyAdd(left, right, sum);

        public static float Sum(Vector512<float>[] vectors) => vectors.Sum(Vector512.Sum);
    }

    private readonly struct Wide256 : IWidth<Vector256<float>>
    {
        public static Vector256<float> Create(float value) => Vector256.Create(value);

        public static Vector256<float> MultiplyAdd(Vector256<float> left, Vector256<float> right, Vector256<float> sum) => Vector256.FusedMultiplyAdd(left, right, sum);

        public static float Sum(Vector256<float>[] vectors) => vectors.Sum(Vector256.Sum);
    }

    private readonly struct Wide128 : IWidth<Vector128<float>>
    {
        public static Vector128<float> Create(float value) => Vector128.Create(value);

        public static Vector128<float> MultiplyAdd(Vector128<float> left, Vector128<float> right, Vector128<float> sum) => Vector128.FusedMultiplyAdd(left, right, sum);

        public static float Sum(Vector128<float>[] vectors) => vectors.Sum(Vector128.Sum);
    }
}
