using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransformFramework.Cpu.Microkernels.Isa;

/// <summary>Dot products of four by the 256-bit instructions of processors that have AVX-VNNI.</summary>
internal readonly unsafe struct AvxVnniInt8Isa : IInt8Isa<Vector256<int>, Vector256<sbyte>, Vector256<byte>>
{
    public static int Lanes => 8;

    public static int Mr => 6;

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
    public static Vector256<int> MultiplyAdd(Vector256<byte> input, Vector256<sbyte> weights, Vector256<int> accumulators) => System.Runtime.Intrinsics.X86.AvxVnni.MultiplyWideningAndAdd(accumulators, input, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(Vector256<byte> input, Vector256<sbyte> weights0, Vector256<sbyte> weights1, ref Vector256<int> accumulators0, ref Vector256<int> accumulators1)
    {
        accumulators0 = MultiplyAdd(input, weights0, accumulators0);
        accumulators1 = MultiplyAdd(input, weights1, accumulators1);
    }
}
