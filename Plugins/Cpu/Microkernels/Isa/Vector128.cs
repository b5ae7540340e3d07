using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TransformFramework.Cpu.Kernels;

namespace TransformFramework.Cpu.Microkernels.Isa;

/// <summary>128-bit vectors of any processor: 12 accumulators, 2 weights and an input fit in 16 registers.</summary>
internal readonly unsafe struct Vector128FloatIsa : IFloatIsa<Vector128<float>>
{
    public static int Lanes => 4;

    public static int Mr => 6;

    public static int NrVectors => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> vector, float* target) => vector.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> left, Vector128<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> left, Vector128<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> left, Vector128<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> left, Vector128<float> right, Vector128<float> sum) => Vector128.FusedMultiplyAdd(left, right, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> AtLeast(Vector128<float> value, Vector128<float> bound) => Vector128.ConditionalSelect(Vector128.LessThan(value, bound), bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> AtMost(Vector128<float> value, Vector128<float> bound) => Vector128.ConditionalSelect(Vector128.GreaterThan(value, bound), bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> FlushDenormals(Vector128<float> value) =>
        Vector128.ConditionalSelect(Vector128.LessThan(Vector128.Abs(value), Vector128.Create(Denormals.SmallestNormal)), value & Vector128.Create(-0f), value);
}

/// <summary>Products in 32 bits, one input at a time.</summary>
internal readonly unsafe struct Vector128Int8Isa : IInt8Isa<Vector128<int>, Vector128<int>, Vector128<int>>
{
    public static int Lanes => 4;

    public static int Mr => 5;

    public static int NrVectors => 2;

    public static int Kr => 1;

    public static int WeightBytes => 1;

    public static int OverreadBytes => 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadAccumulators(int* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAccumulators(Vector128<int> accumulators, int* target) => accumulators.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadWeights(sbyte* source) => Vector128Int8Conversions.LoadSigned(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadInput(byte* source) => Vector128.Create((int)*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> input, Vector128<int> weights, Vector128<int> accumulators) => accumulators + (input * weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(Vector128<int> input, Vector128<int> weights0, Vector128<int> weights1, ref Vector128<int> accumulators0, ref Vector128<int> accumulators1)
    {
        accumulators0 = MultiplyAdd(input, weights0, accumulators0);
        accumulators1 = MultiplyAdd(input, weights1, accumulators1);
    }
}

/// <summary>Conversions of 128-bit vectors.</summary>
internal readonly unsafe struct Vector128Int8Conversions : IInt8Conversions<Vector128<int>, Vector128<float>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadAccumulators(int* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Add(Vector128<int> left, Vector128<int> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Min(Vector128<int> left, Vector128<int> right) => Vector128.Min(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Max(Vector128<int> left, Vector128<int> right) => Vector128.Max(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToFloats(Vector128<int> accumulators) => Vector128.ConvertToSingle(accumulators);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Round(Vector128<float> values) => Vector128.ConvertToInt32(Vector128.Round(values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> RoundAway(Vector128<float> values) => Vector128.Truncate(values + ((values & Vector128.Create(-0f)) | Vector128.Create(ScalarInt8Conversions.AlmostHalf)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Floor(Vector128<float> values) => Vector128.Floor(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadUnsigned(byte* source) => Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(uint*)source).AsByte())).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadSigned(sbyte* source) => Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(uint*)source).AsSByte()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector128<int> accumulators, byte* target) => *(uint*)target = Vector128.Narrow(Vector128.Narrow(accumulators.AsUInt32(), accumulators.AsUInt32()), default).AsUInt32().ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Broadcast(int value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Multiply(Vector128<int> left, Vector128<int> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAccumulators(Vector128<int> accumulators, int* target) => accumulators.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector128<int> first, Vector128<int> second, byte* target, bool isSigned)
    {
        StoreBytes(first, target);
        StoreBytes(second, target + Vector128<int>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector128<int> first, Vector128<int> second, Vector128<int> third, Vector128<int> fourth, byte* target, bool isSigned)
    {
        StoreBytes(first, target);
        StoreBytes(second, target + Vector128<int>.Count);
        StoreBytes(third, target + (2 * Vector128<int>.Count));
        StoreBytes(fourth, target + (3 * Vector128<int>.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> AddBytes(Vector128<int> accumulators, byte* source)
    {
        var (low, high) = Vector128.Widen(Vector128.Load(source));
        var (first, second) = Vector128.Widen(low + high);
        return accumulators + (first + second).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Total(Vector128<int> accumulators) => Vector128.Sum(accumulators);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Scale(Vector128<int> quantized, Vector128<int> high, Vector128<int> low, Vector128<int> offset)
    {
        var (first, second) = Vector128.Widen(Vector128.ConvertToInt32(Vector128.ConvertToSingle(quantized)));
        Vector128<long> upper = Vector128.WidenLower(high);
        Vector128<long> lower = Vector128.WidenLower(low);
        first = (first * upper) + Vector128.ShiftRightArithmetic(first * lower, 32);
        second = (second * upper) + Vector128.ShiftRightArithmetic(second * lower, 32);
        Vector128<int> scaled = Vector128.ShiftRightArithmetic(Vector128.Narrow(first, second) + offset, 16);
        return Vector128.Min(Vector128.Max(scaled, Vector128<int>.Zero), Vector128.Create((int)byte.MaxValue));
    }
}
