using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransformFramework.Cpu.Gemm;

/// <summary>Dot products of four by the 256-bit instructions of processors that have AVX-VNNI.</summary>
internal readonly unsafe struct AvxVnniCodes : ICodeSet<Vector256<int>, Vector256<sbyte>, Vector256<byte>>
{
    public static int Width => 8;

    public static int TileRows => 6;

    public static int TileVectors => 2;

    public static int StepBytes => 4;

    public static ReadOnlySpan<byte> QuadOrder => [0, 1, 2, 3];

    public static int FirstAdvance => 4;

    public static int TwoAdvances => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadSums(int* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(Vector256<int> sums, int* target) => sums.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> LoadWeights(sbyte* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadInput(byte* source) => Vector256.Create(*(int*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<byte> input, Vector256<sbyte> weights, Vector256<int> sums) => System.Runtime.Intrinsics.X86.AvxVnni.MultiplyWideningAndAdd(sums, input, weights);
}
