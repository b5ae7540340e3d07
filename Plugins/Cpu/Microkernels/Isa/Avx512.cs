using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TransformFramework.Cpu.Kernels;

namespace TransformFramework.Cpu.Microkernels.Isa;

/// <summary>512-bit vectors: 24 accumulators, 4 weights and an input fit in the 32 registers.</summary>
internal readonly unsafe struct Avx512FloatIsa : IFloatIsa<Vector512<float>>
{
    public static int Lanes => 16;

    public static int Mr => 6;

    public static int NrVectors => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> vector, float* target) => vector.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> left, Vector512<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> left, Vector512<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> left, Vector512<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> left, Vector512<float> right, Vector512<float> sum) => Avx512F.FusedMultiplyAdd(left, right, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> AtLeast(Vector512<float> value, Vector512<float> bound) => Avx512F.Max(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> AtMost(Vector512<float> value, Vector512<float> bound) => Avx512F.Min(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FlushDenormals(Vector512<float> value) =>
        Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(value), Vector512.Create(Denormals.SmallestNormal)), value & Vector512.Create(-0f), value);
}

/// <summary>
/// Dot products of four by <c>vpmaddubsw</c>, which adds the products of two neighbours in 16 bits. With 20 accumulators, four weights, an input and four products in flight fit in the 32 registers.
/// </summary>
internal readonly unsafe struct Avx512Int8Isa : IInt8Isa<Vector512<int>, Vector512<sbyte>, Vector512<byte>>
{
    public static int Lanes => 16;

    public static int Mr => 5;

    public static int NrVectors => 4;

    public static int Kr => 4;

    public static int WeightBytes => 1;

    public static int OverreadBytes => 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadAccumulators(int* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAccumulators(Vector512<int> accumulators, int* target) => accumulators.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<sbyte> LoadWeights(sbyte* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadInput(byte* source) => Vector512.Create(*(int*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(Vector512<byte> input, Vector512<sbyte> weights, Vector512<int> accumulators) =>
        accumulators + Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(input, weights), Vector512<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(Vector512<byte> input, Vector512<sbyte> weights0, Vector512<sbyte> weights1, ref Vector512<int> accumulators0, ref Vector512<int> accumulators1)
    {
        Vector512<short> pairs0 = Avx512BW.MultiplyAddAdjacent(input, weights0);
        Vector512<short> pairs1 = Avx512BW.MultiplyAddAdjacent(input, weights1);
        Vector512<int> sums0 = Avx512BW.MultiplyAddAdjacent(pairs0, Vector512<short>.One);
        Vector512<int> sums1 = Avx512BW.MultiplyAddAdjacent(pairs1, Vector512<short>.One);
        accumulators0 += sums0;
        accumulators1 += sums1;
    }
}

/// <summary>Products of pairs of inputs and weights that are both widened to 16 bits: exact for all weights.</summary>
internal readonly unsafe struct Avx512WidenedInt8Isa : IInt8Isa<Vector512<int>, Vector512<short>, Vector512<short>>
{
    public static int Lanes => 16;

    public static int Mr => 5;

    public static int NrVectors => 4;

    public static int Kr => 2;

    public static int WeightBytes => sizeof(short);

    public static int OverreadBytes => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadAccumulators(int* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAccumulators(Vector512<int> accumulators, int* target) => accumulators.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> LoadWeights(sbyte* source) => Vector512.Load((short*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> LoadInput(byte* source) => Vector512.Create(*(int*)source).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(Vector512<short> input, Vector512<short> weights, Vector512<int> accumulators) => accumulators + Avx512BW.MultiplyAddAdjacent(input, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(Vector512<short> input, Vector512<short> weights0, Vector512<short> weights1, ref Vector512<int> accumulators0, ref Vector512<int> accumulators1)
    {
        Vector512<int> sums0 = Avx512BW.MultiplyAddAdjacent(input, weights0);
        Vector512<int> sums1 = Avx512BW.MultiplyAddAdjacent(input, weights1);
        accumulators0 += sums0;
        accumulators1 += sums1;
    }
}

/// <summary>Conversions of 512-bit vectors.</summary>
internal readonly unsafe struct Avx512Int8Conversions : IInt8Conversions<Vector512<int>, Vector512<float>>
{
    public static int SaturatesFrom => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadAccumulators(int* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> left, Vector512<int> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Min(Vector512<int> left, Vector512<int> right) => Vector512.Min(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Max(Vector512<int> left, Vector512<int> right) => Vector512.Max(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ToFloats(Vector512<int> accumulators) => Avx512F.ConvertToVector512Single(accumulators);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Round(Vector512<float> values) => Avx512F.ConvertToVector512Int32(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> RoundAway(Vector512<float> values) => Vector512.Truncate(values + ((values & Vector512.Create(-0f)) | Vector512.Create(ScalarInt8Conversions.AlmostHalf)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Floor(Vector512<float> values) => Vector512.Floor(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadUnsigned(byte* source) => Avx512F.ConvertToVector512Int32(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadSigned(sbyte* source) => Avx512F.ConvertToVector512Int32(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector512<int> accumulators, byte* target) => Avx512F.ConvertToVector128Byte(accumulators).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Broadcast(int value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Multiply(Vector512<int> left, Vector512<int> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAccumulators(Vector512<int> accumulators, int* target) => accumulators.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector512<int> first, Vector512<int> second, byte* target, bool isSigned)
    {
        StoreBytes(first, target);
        StoreBytes(second, target + Vector512<int>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector512<int> first, Vector512<int> second, Vector512<int> third, Vector512<int> fourth, byte* target, bool isSigned)
    {
        Vector512<short> low = Avx512BW.PackSignedSaturate(first, second);
        Vector512<short> high = Avx512BW.PackSignedSaturate(third, fourth);
        Vector512<int> bytes = isSigned ? Avx512BW.PackSignedSaturate(low, high).AsInt32() : Avx512BW.PackUnsignedSaturate(low, high).AsInt32();
        Avx512F.PermuteVar16x32(bytes, Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)).Store((int*)target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> AddBytes(Vector512<int> accumulators, byte* source) => accumulators + Avx512BW.SumAbsoluteDifferences(Vector512.Load(source), Vector512<byte>.Zero).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Total(Vector512<int> accumulators) => Vector512.Sum(accumulators);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Scale(Vector512<int> quantized, Vector512<int> high, Vector512<int> low, Vector512<int> offset)
    {
        Vector512<long> factor = Vector512.ShiftLeft(high.AsInt64(), 32) + Vector512.ShiftRightArithmetic(Vector512.ShiftLeft(low.AsInt64(), 32), 32);
        Vector512<long> both = Avx512F.ConvertToVector512Int32(Avx512F.ConvertToVector512Single(quantized)).AsInt64();
        Vector512<long> even = Vector512.ShiftRightArithmetic(Vector512.ShiftLeft(both, 32), 32);
        Vector512<long> evens = Vector512.ShiftRightLogical(Avx512DQ.MultiplyLow(even, factor), 32);
        Vector512<long> odds = Avx512DQ.MultiplyLow(Vector512.ShiftRightArithmetic(both, 32), factor);
        Vector512<int> products = Vector512.ConditionalSelect(Vector512.Create((long)uint.MaxValue).AsInt32(), evens.AsInt32(), odds.AsInt32());
        Vector512<int> scaled = Vector512.ShiftRightArithmetic(products + offset, 16);
        return Avx512F.Min(Avx512F.Max(scaled, Vector512<int>.Zero), Vector512.Create((int)byte.MaxValue));
    }
}
