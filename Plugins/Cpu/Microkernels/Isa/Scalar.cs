using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Kernels;

namespace TransformFramework.Cpu.Microkernels.Isa;

/// <summary>Vectors of one number, for processors without vectors.</summary>
internal readonly unsafe struct ScalarFloatIsa : IFloatIsa<float>
{
    public static int Lanes => 1;

    public static int Mr => 2;

    public static int NrVectors => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(float* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Broadcast(float value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float vector, float* target) => *target = vector;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(float left, float right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Subtract(float left, float right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Multiply(float left, float right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float left, float right, float sum) => MathF.FusedMultiplyAdd(left, right, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float AtLeast(float value, float bound) => value < bound ? bound : value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float AtMost(float value, float bound) => value > bound ? bound : value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float FlushDenormals(float value) => Denormals.Flush(value);
}

/// <summary>Products of one input at a time.</summary>
internal readonly unsafe struct ScalarInt8Isa : IInt8Isa<int, int, int>
{
    public static int Lanes => 1;

    public static int Mr => 2;

    public static int NrVectors => 4;

    public static int Kr => 1;

    public static int WeightBytes => 1;

    public static int OverreadBytes => 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LoadAccumulators(int* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAccumulators(int accumulators, int* target) => *target = accumulators;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LoadWeights(sbyte* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LoadInput(byte* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MultiplyAdd(int input, int weights, int accumulators) => accumulators + (input * weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(int input, int weights0, int weights1, ref int accumulators0, ref int accumulators1)
    {
        accumulators0 = MultiplyAdd(input, weights0, accumulators0);
        accumulators1 = MultiplyAdd(input, weights1, accumulators1);
    }
}

/// <summary>Conversions one by one.</summary>
internal readonly unsafe struct ScalarInt8Conversions : IInt8Conversions<int, float>
{
    /// <summary>The largest float below one half: a number plus this, truncated, is the nearest whole number, ties away from zero.</summary>
    public const float AlmostHalf = 0.49999997f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LoadAccumulators(int* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Add(int left, int right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Min(int left, int right) => Math.Min(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Max(int left, int right) => Math.Max(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToFloats(int accumulators) => accumulators;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Round(float values) => (int)MathF.Round(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LoadUnsigned(byte* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LoadSigned(sbyte* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(int accumulators, byte* target) => *target = (byte)accumulators;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float RoundAway(float values) => MathF.Round(values, MidpointRounding.AwayFromZero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Floor(float values) => MathF.Floor(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Broadcast(int value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Multiply(int left, int right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAccumulators(int accumulators, int* target) => *target = accumulators;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(int first, int second, byte* target, bool isSigned)
    {
        StoreBytes(first, target);
        StoreBytes(second, target + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(int first, int second, int third, int fourth, byte* target, bool isSigned)
    {
        StoreBytes(first, target);
        StoreBytes(second, target + 1);
        StoreBytes(third, target + 2);
        StoreBytes(fourth, target + 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int AddBytes(int accumulators, byte* source) => accumulators + source[0] + source[1] + source[2] + source[3];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Total(int accumulators) => accumulators;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Scale(int quantized, int high, int low, int offset)
    {
        long q = (long)(float)quantized;
        long product = (q * high) + ((q * low) >> 32);
        return (int)Math.Clamp((product + offset) >> 16, 0, byte.MaxValue);
    }
}
