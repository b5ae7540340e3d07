using System.Runtime.CompilerServices;

namespace TransformFramework.Cpu.Kernels;

/// <summary>TensorFlow's kernels run with flush-to-zero and denormals-are-zero; arithmetic here flushes by hand.</summary>
internal static class Denormals
{
    /// <summary>The smallest positive float that is not denormal.</summary>
    public const float SmallestNormal = 1.17549435e-38f;

    private const double SmallestNormalDouble = 2.2250738585072014e-308;

    /// <summary>Zero of the same sign for a denormal, everything else unchanged.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Flush(float value) => MathF.Abs(value) < SmallestNormal ? value * 0f : value;

    /// <summary>Zero of the same sign for a denormal float or double; other numbers unchanged.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Flush<T>(T value)
        where T : struct
    {
        if (typeof(T) == typeof(float))
            return (T)(object)Flush((float)(object)value);
        return typeof(T) == typeof(double) ? (T)(object)Flush((double)(object)value) : value;
    }

    /// <summary>Zero of the same sign for a denormal, everything else unchanged.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Flush(double value) => Math.Abs(value) < SmallestNormalDouble ? value * 0.0 : value;
}
