using System.Runtime.CompilerServices;

namespace TransformFramework.Cpu.Kernels;

/// <summary>TensorFlow's kernels run with flush-to-zero and denormals-are-zero; arithmetic here flushes by hand.</summary>
internal static class Denormals
{
    private const float SmallestNormal = 1.17549435e-38f;

    /// <summary>Zero of the same sign for a denormal, everything else unchanged.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Flush(float value) => MathF.Abs(value) < SmallestNormal ? value * 0f : value;
}
