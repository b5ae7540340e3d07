namespace TransformFramework.Cpu.Kernels;

/// <summary>Conversion of floating-point numbers to integers as x86 does it: truncated; NaN and what does not fit give the smallest integer.</summary>
internal static class Truncation
{
    public static int ToInt32(double value) => value is > -2147483649.0 and < 2147483648.0 ? (int)value : int.MinValue;

    public static long ToInt64(double value) => value is >= -9223372036854775808.0 and < 9223372036854775808.0 ? (long)value : long.MinValue;
}
