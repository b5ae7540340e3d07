using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Neon;

/// <summary>Conversions of Arm's 128-bit vectors. Four bytes are loaded as a float, which leads the compiler to a load of a vector register.</summary>
internal readonly unsafe struct NeonInt8Conversions : IInt8Conversions<Vector128<int>, Vector128<float>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadAccumulators(int* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Add(Vector128<int> left, Vector128<int> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Min(Vector128<int> left, Vector128<int> right) => AdvSimd.Min(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Max(Vector128<int> left, Vector128<int> right) => AdvSimd.Max(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToFloats(Vector128<int> accumulators) => AdvSimd.ConvertToSingle(accumulators);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Round(Vector128<float> values) => AdvSimd.ConvertToInt32RoundToEven(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> RoundAway(Vector128<float> values) => AdvSimd.RoundAwayFromZero(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Floor(Vector128<float> values) => AdvSimd.Floor(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadUnsigned(byte* source) =>
        AdvSimd.ZeroExtendWideningLower(AdvSimd.ZeroExtendWideningLower(Vector64.CreateScalarUnsafe(*(float*)source).AsByte()).GetLower()).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadSigned(sbyte* source) =>
        AdvSimd.SignExtendWideningLower(AdvSimd.SignExtendWideningLower(Vector64.CreateScalarUnsafe(*(float*)source).AsSByte()).GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Broadcast(int value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Multiply(Vector128<int> left, Vector128<int> right) => AdvSimd.Multiply(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAccumulators(Vector128<int> accumulators, int* target) => accumulators.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector128<int> accumulators, byte* target)
    {
        Vector128<short> words = AdvSimd.Arm64.UnzipEven(accumulators.AsInt16(), accumulators.AsInt16());
        *(uint*)target = AdvSimd.ExtractNarrowingLower(words).AsUInt32().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector128<int> first, Vector128<int> second, byte* target, bool isSigned) =>
        AdvSimd.ExtractNarrowingLower(AdvSimd.Arm64.UnzipEven(first.AsInt16(), second.AsInt16())).AsByte().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector128<int> first, Vector128<int> second, Vector128<int> third, Vector128<int> fourth, byte* target, bool isSigned)
    {
        Vector128<byte> low = AdvSimd.Arm64.UnzipEven(first.AsInt16(), second.AsInt16()).AsByte();
        Vector128<byte> high = AdvSimd.Arm64.UnzipEven(third.AsInt16(), fourth.AsInt16()).AsByte();
        AdvSimd.Arm64.UnzipEven(low, high).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> AddBytes(Vector128<int> accumulators, byte* source) =>
        AdvSimd.AddPairwiseWideningAndAdd(accumulators.AsUInt32(), AdvSimd.AddPairwiseWidening(Vector128.Load(source))).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Total(Vector128<int> accumulators) => Vector128.Sum(accumulators);

    /// <summary>The lower product's upper half is what it adds to 32 bits, so that no product of 64 bits is needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Scale(Vector128<int> quantized, Vector128<int> high, Vector128<int> low, Vector128<int> offset)
    {
        Vector128<int> q = AdvSimd.ConvertToInt32RoundToZero(AdvSimd.ConvertToSingle(quantized));
        Vector128<long> first = AdvSimd.MultiplyWideningLower(q.GetLower(), low.GetLower());
        Vector128<long> second = AdvSimd.MultiplyWideningUpper(q, low);
        Vector128<int> sum = AdvSimd.MultiplyAdd(AdvSimd.Arm64.UnzipOdd(first.AsInt32(), second.AsInt32()), q, high) + offset;
        Vector128<int> scaled = AdvSimd.ShiftRightArithmetic(sum, 16);
        return AdvSimd.Min(AdvSimd.Max(scaled, Vector128<int>.Zero), Vector128.Create((int)byte.MaxValue));
    }

    /// <summary>Words as bytes with a sign or without, saturated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector64<byte> Narrow(Vector128<short> words, bool isSigned) =>
        isSigned ? AdvSimd.ExtractNarrowingSaturateLower(words).AsByte() : AdvSimd.ExtractNarrowingSaturateUnsignedLower(words);

    /// <summary>Bytes, then words as bytes with a sign or without, saturated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Narrow(Vector64<byte> bytes, Vector128<short> words, bool isSigned) =>
        isSigned ? AdvSimd.ExtractNarrowingSaturateUpper(bytes.AsSByte(), words).AsByte() : AdvSimd.ExtractNarrowingSaturateUnsignedUpper(bytes, words);
}
