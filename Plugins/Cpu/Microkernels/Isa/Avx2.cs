using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TransformFramework.Cpu.Kernels;

namespace TransformFramework.Cpu.Microkernels.Isa;

/// <summary>256-bit vectors: 12 accumulators, 2 weights and an input fit in the 16 registers.</summary>
internal readonly unsafe struct Avx2FloatIsa : IFloatIsa<Vector256<float>>
{
    public static int Lanes => 8;

    public static int Mr => 6;

    public static int NrVectors => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> vector, float* target) => vector.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> left, Vector256<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> left, Vector256<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> left, Vector256<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> left, Vector256<float> right, Vector256<float> sum) => Fma.MultiplyAdd(left, right, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> AtLeast(Vector256<float> value, Vector256<float> bound) => Avx.Max(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> AtMost(Vector256<float> value, Vector256<float> bound) => Avx.Min(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> FlushDenormals(Vector256<float> value) =>
        Vector256.ConditionalSelect(Vector256.LessThan(Vector256.Abs(value), Vector256.Create(Denormals.SmallestNormal)), value & Vector256.Create(-0f), value);
}

/// <summary>
/// Dot products of four by <c>vpmaddubsw</c>, which adds the products of two neighbours in 16 bits. Eight accumulators, not twelve: with an input, two weights and two products in flight more rows would
/// wait for registers.
/// </summary>
internal readonly unsafe struct Avx2Int8Isa : IInt8Isa<Vector256<int>, Vector256<sbyte>, Vector256<byte>>
{
    public static int Lanes => 8;

    public static int Mr => 4;

    public static int NrVectors => 2;

    public static int Kr => 4;

    public static int WeightBytes => 1;

    public static int OverreadBytes => 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadAccumulators(int* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAccumulators(Vector256<int> accumulators, int* target) => accumulators.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> LoadWeights(sbyte* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadInput(byte* source) => Vector256.Create(*(int*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<byte> input, Vector256<sbyte> weights, Vector256<int> accumulators) =>
        accumulators + Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(input, weights), Vector256<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(Vector256<byte> input, Vector256<sbyte> weights0, Vector256<sbyte> weights1, ref Vector256<int> accumulators0, ref Vector256<int> accumulators1)
    {
        Vector256<short> pairs0 = Avx2.MultiplyAddAdjacent(input, weights0);
        Vector256<short> pairs1 = Avx2.MultiplyAddAdjacent(input, weights1);
        Vector256<int> sums0 = Avx2.MultiplyAddAdjacent(pairs0, Vector256<short>.One);
        Vector256<int> sums1 = Avx2.MultiplyAddAdjacent(pairs1, Vector256<short>.One);
        accumulators0 += sums0;
        accumulators1 += sums1;
    }
}

/// <summary>Products of pairs of inputs and weights that are both widened to 16 bits: exact for all weights.</summary>
internal readonly unsafe struct Avx2WidenedInt8Isa : IInt8Isa<Vector256<int>, Vector256<short>, Vector256<short>>
{
    public static int Lanes => 8;

    public static int Mr => 4;

    public static int NrVectors => 2;

    public static int Kr => 2;

    public static int WeightBytes => sizeof(short);

    public static int OverreadBytes => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadAccumulators(int* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAccumulators(Vector256<int> accumulators, int* target) => accumulators.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> LoadWeights(sbyte* source) => Vector256.Load((short*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> LoadInput(byte* source) => Vector256.Create(*(int*)source).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<short> input, Vector256<short> weights, Vector256<int> accumulators) => accumulators + Avx2.MultiplyAddAdjacent(input, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(Vector256<short> input, Vector256<short> weights0, Vector256<short> weights1, ref Vector256<int> accumulators0, ref Vector256<int> accumulators1)
    {
        Vector256<int> sums0 = Avx2.MultiplyAddAdjacent(input, weights0);
        Vector256<int> sums1 = Avx2.MultiplyAddAdjacent(input, weights1);
        accumulators0 += sums0;
        accumulators1 += sums1;
    }
}

/// <summary>Conversions of 256-bit vectors.</summary>
internal readonly unsafe struct Avx2Int8Conversions : IInt8Conversions<Vector256<int>, Vector256<float>>
{
    public static int SaturatesFrom => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadAccumulators(int* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> left, Vector256<int> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Min(Vector256<int> left, Vector256<int> right) => Vector256.Min(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Max(Vector256<int> left, Vector256<int> right) => Vector256.Max(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToFloats(Vector256<int> accumulators) => Avx.ConvertToVector256Single(accumulators);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Round(Vector256<float> values) => Avx.ConvertToVector256Int32(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> RoundAway(Vector256<float> values) => Vector256.Truncate(values + ((values & Vector256.Create(-0f)) | Vector256.Create(ScalarInt8Conversions.AlmostHalf)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Floor(Vector256<float> values) => Vector256.Floor(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadUnsigned(byte* source) => Avx2.ConvertToVector256Int32(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadSigned(sbyte* source) => Avx2.ConvertToVector256Int32(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector256<int> accumulators, byte* target) => *(long*)target = Pack(accumulators);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Pack(Vector256<int> accumulators)
    {
        Vector256<byte> lowBytes = Vector256.Create((byte)0, 4, 8, 12, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 4, 8, 12, 255, 255, 255, 255, 255, 255, 255, 255);
        Vector256<byte> bytes = Avx2.Shuffle(accumulators.AsByte(), lowBytes);
        return (bytes.GetLower() | bytes.GetUpper()).AsInt64().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Broadcast(int value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Multiply(Vector256<int> left, Vector256<int> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAccumulators(Vector256<int> accumulators, int* target) => accumulators.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector256<int> first, Vector256<int> second, byte* target, bool isSigned)
    {
        Vector256<short> words = Avx2.PackSignedSaturate(first, second);
        Vector256<int> bytes = isSigned ? Avx2.PackSignedSaturate(words, words).AsInt32() : Avx2.PackUnsignedSaturate(words, words).AsInt32();
        Avx2.PermuteVar8x32(bytes, Vector256.Create(0, 4, 1, 5, 0, 4, 1, 5)).GetLower().AsByte().Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector256<int> first, Vector256<int> second, Vector256<int> third, Vector256<int> fourth, byte* target, bool isSigned)
    {
        Vector256<short> low = Avx2.PackSignedSaturate(first, second);
        Vector256<short> high = Avx2.PackSignedSaturate(third, fourth);
        Vector256<int> bytes = isSigned ? Avx2.PackSignedSaturate(low, high).AsInt32() : Avx2.PackUnsignedSaturate(low, high).AsInt32();
        Avx2.PermuteVar8x32(bytes, Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte().Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> AddBytes(Vector256<int> accumulators, byte* source) => accumulators + Avx2.SumAbsoluteDifferences(Vector256.Load(source), Vector256<byte>.Zero).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Total(Vector256<int> accumulators) => Vector256.Sum(accumulators);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Scale(Vector256<int> quantized, Vector256<int> high, Vector256<int> low, Vector256<int> offset)
    {
        Vector256<int> even = Avx.ConvertToVector256Int32(Avx.ConvertToVector256Single(quantized));
        Vector256<int> odd = Vector256.ShiftRightLogical(even.AsInt64(), 32).AsInt32();
        Vector256<long> evens = Avx2.Multiply(even, high) + Vector256.ShiftRightLogical(Avx2.Multiply(even, low), 32);
        Vector256<long> odds = Vector256.ShiftLeft(Avx2.Multiply(odd, high), 32) + Avx2.Multiply(odd, low);
        Vector256<int> products = Vector256.ConditionalSelect(Vector256.Create((long)uint.MaxValue).AsInt32(), evens.AsInt32(), odds.AsInt32());
        Vector256<int> scaled = Vector256.ShiftRightArithmetic(products + offset, 16);
        return Avx2.Min(Avx2.Max(scaled, Vector256<int>.Zero), Vector256.Create((int)byte.MaxValue));
    }
}
