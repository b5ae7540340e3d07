using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace TransformFramework.Cpu.Microkernels.Isa;

/// <summary>Products of pairs of 16-bit inputs and weights in 128-bit vectors of any processor.</summary>
internal readonly unsafe struct Vector128Int16Isa : IInt8Isa<Vector128<int>, Vector128<short>, Vector128<short>>
{
    public static int Lanes => 4;

    public static int Mr => 4;

    public static int NrVectors => 2;

    public static int Kr => 2;

    public static int WeightBytes => sizeof(short);

    public static int OverreadBytes => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadAccumulators(int* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAccumulators(Vector128<int> accumulators, int* target) => accumulators.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> LoadWeights(sbyte* source) => Vector128.Load((short*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> LoadInput(byte* source) => Vector128.Create(*(int*)source).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<short> input, Vector128<short> weights, Vector128<int> accumulators)
    {
        if (Sse2.IsSupported)
            return accumulators + Sse2.MultiplyAddAdjacent(input, weights);
        if (AdvSimd.Arm64.IsSupported)
            return accumulators + AdvSimd.Arm64.AddPairwise(AdvSimd.MultiplyWideningLower(input.GetLower(), weights.GetLower()), AdvSimd.MultiplyWideningUpper(input, weights));
        return accumulators + (Even(input) * Even(weights)) + (Odd(input) * Odd(weights));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(Vector128<short> input, Vector128<short> weights0, Vector128<short> weights1, ref Vector128<int> accumulators0, ref Vector128<int> accumulators1)
    {
        accumulators0 = MultiplyAdd(input, weights0, accumulators0);
        accumulators1 = MultiplyAdd(input, weights1, accumulators1);
    }

    private static Vector128<int> Even(Vector128<short> pairs) => Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(pairs.AsInt32(), 16), 16);

    private static Vector128<int> Odd(Vector128<short> pairs) => Vector128.ShiftRightArithmetic(pairs.AsInt32(), 16);
}

/// <summary>Products of one pair of 16-bit inputs and weights at a time.</summary>
internal readonly unsafe struct ScalarInt16Isa : IInt8Isa<int, int, int>
{
    public static int Lanes => 1;

    public static int Mr => 2;

    public static int NrVectors => 4;

    public static int Kr => 2;

    public static int WeightBytes => sizeof(short);

    public static int OverreadBytes => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LoadAccumulators(int* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAccumulators(int accumulators, int* target) => *target = accumulators;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LoadWeights(sbyte* source) => *(int*)source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LoadInput(byte* source) => *(int*)source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MultiplyAdd(int input, int weights, int accumulators) => accumulators + ((short)input * (short)weights) + ((input >> 16) * (weights >> 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(int input, int weights0, int weights1, ref int accumulators0, ref int accumulators1)
    {
        accumulators0 = MultiplyAdd(input, weights0, accumulators0);
        accumulators1 = MultiplyAdd(input, weights1, accumulators1);
    }
}
