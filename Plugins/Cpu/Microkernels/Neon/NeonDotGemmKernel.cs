using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Neon;

/// <summary>
/// One tile of an 8-bit product by dot products of four (<c>sdot</c>), whose operands are both signed: inputs are taken less 128, and the starts of the sums make up for it. Sixteen inputs of a row are
/// loaded at once, and each four of them taken as a lane.
/// </summary>
internal static unsafe class NeonDotGemmKernel<TStore>
    where TStore : struct, ITileStore<Vector128<int>>
{
    private const int Width = 4;
    private const int VectorBytes = 16;
    private const int GroupBytes = 4;

    public static void Run<TRows, TVectors>(U8S8GemmTile* tile)
        where TRows : struct, ICount
        where TVectors : struct, ICount
    {
        int* start = (int*)tile->Weights;
        Vector128<int> c00 = Vector128.Load(start);
        Vector128<int> c01 = TVectors.Value > 1 ? Vector128.Load(start + Width) : c00;
        Vector128<int> c02 = TVectors.Value > 2 ? Vector128.Load(start + (2 * Width)) : c00;
        Vector128<int> c03 = TVectors.Value > 3 ? Vector128.Load(start + (3 * Width)) : c00;
        Vector128<int> c10 = c00, c11 = c01, c12 = c02, c13 = c03;
        Vector128<int> c20 = c00, c21 = c01, c22 = c02, c23 = c03;
        Vector128<int> c30 = c00, c31 = c01, c32 = c02, c33 = c03;
        byte* w = (byte*)(start + (TVectors.Value * Width));
        Vector128<byte> sign = Vector128.Create((byte)0x80);
        int* rows = tile->Rows;
        byte* origin = tile->Base;
        nint depth = tile->Depth;
        nint taps = tile->Taps;
        do
        {
            byte* a0 = origin + rows[0];
            byte* a1 = TRows.Value > 1 ? origin + rows[1] : a0;
            byte* a2 = TRows.Value > 2 ? origin + rows[2] : a0;
            byte* a3 = TRows.Value > 3 ? origin + rows[3] : a0;
            rows += TRows.Value;
            nint k = 0;
            for (; k <= depth - VectorBytes; k += VectorBytes)
            {
                Vector128<sbyte> x0 = Load(a0 + k, sign);
                Vector128<sbyte> x1 = TRows.Value > 1 ? Load(a1 + k, sign) : x0;
                Vector128<sbyte> x2 = TRows.Value > 2 ? Load(a2 + k, sign) : x0;
                Vector128<sbyte> x3 = TRows.Value > 3 ? Load(a3 + k, sign) : x0;
                Add<TRows, TVectors, Lane0>(w, 0, x0, x1, x2, x3, ref c00, ref c01, ref c02, ref c03, ref c10, ref c11, ref c12, ref c13, ref c20, ref c21, ref c22, ref c23, ref c30, ref c31, ref c32, ref c33);
                Add<TRows, TVectors, Lane1>(w, TVectors.Value * VectorBytes, x0, x1, x2, x3, ref c00, ref c01, ref c02, ref c03, ref c10, ref c11, ref c12, ref c13, ref c20, ref c21, ref c22, ref c23, ref c30, ref c31, ref c32, ref c33);
                Add<TRows, TVectors, Lane2>(w, 2 * TVectors.Value * VectorBytes, x0, x1, x2, x3, ref c00, ref c01, ref c02, ref c03, ref c10, ref c11, ref c12, ref c13, ref c20, ref c21, ref c22, ref c23, ref c30, ref c31, ref c32, ref c33);
                Add<TRows, TVectors, Lane3>(w, 3 * TVectors.Value * VectorBytes, x0, x1, x2, x3, ref c00, ref c01, ref c02, ref c03, ref c10, ref c11, ref c12, ref c13, ref c20, ref c21, ref c22, ref c23, ref c30, ref c31, ref c32, ref c33);
                w += 4 * TVectors.Value * VectorBytes;
            }
            for (; k < depth; k += GroupBytes)
            {
                Vector128<sbyte> x0 = LoadGroup(a0 + k, sign);
                Vector128<sbyte> x1 = TRows.Value > 1 ? LoadGroup(a1 + k, sign) : x0;
                Vector128<sbyte> x2 = TRows.Value > 2 ? LoadGroup(a2 + k, sign) : x0;
                Vector128<sbyte> x3 = TRows.Value > 3 ? LoadGroup(a3 + k, sign) : x0;
                Add<TRows, TVectors, Lane0>(w, 0, x0, x1, x2, x3, ref c00, ref c01, ref c02, ref c03, ref c10, ref c11, ref c12, ref c13, ref c20, ref c21, ref c22, ref c23, ref c30, ref c31, ref c32, ref c33);
                w += TVectors.Value * VectorBytes;
            }
        }
        while (--taps != 0);

        TStore.Store<TVectors>(tile, 0, c00, c01, c02, c03);
        if (TRows.Value > 1)
            TStore.Store<TVectors>(tile, 1, c10, c11, c12, c13);
        if (TRows.Value > 2)
            TStore.Store<TVectors>(tile, 2, c20, c21, c22, c23);
        if (TRows.Value > 3)
            TStore.Store<TVectors>(tile, 3, c30, c31, c32, c33);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Load(byte* inputs, Vector128<byte> sign) => (Vector128.Load(inputs) ^ sign).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> LoadGroup(byte* inputs, Vector128<byte> sign) => (Vector128.CreateScalarUnsafe(*(float*)inputs).AsByte() ^ sign).AsSByte();

    /// <summary>The products of one step of each row, vector by vector: the inputs stay in registers, weights are loaded two vectors at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TRows, TVectors, TLane>(byte* w, int offset, Vector128<sbyte> x0, Vector128<sbyte> x1, Vector128<sbyte> x2, Vector128<sbyte> x3, ref Vector128<int> c00, ref Vector128<int> c01, ref Vector128<int> c02, ref Vector128<int> c03, ref Vector128<int> c10, ref Vector128<int> c11, ref Vector128<int> c12, ref Vector128<int> c13, ref Vector128<int> c20, ref Vector128<int> c21, ref Vector128<int> c22, ref Vector128<int> c23, ref Vector128<int> c30, ref Vector128<int> c31, ref Vector128<int> c32, ref Vector128<int> c33)
        where TRows : struct, ICount
        where TVectors : struct, ICount
        where TLane : struct, INeonLane
    {
        Vector128<sbyte> even = Vector128.Load((sbyte*)w + offset);
        Vector128<sbyte> odd = TVectors.Value > 1 ? Vector128.Load((sbyte*)w + offset + VectorBytes) : even;
        TLane.AddDots<TRows>(even, x0, x1, x2, x3, ref c00, ref c10, ref c20, ref c30);
        if (TVectors.Value > 1)
            TLane.AddDots<TRows>(odd, x0, x1, x2, x3, ref c01, ref c11, ref c21, ref c31);
        if (TVectors.Value > 2)
        {
            even = Vector128.Load((sbyte*)w + offset + (2 * VectorBytes));
            odd = TVectors.Value > 3 ? Vector128.Load((sbyte*)w + offset + (3 * VectorBytes)) : even;
            TLane.AddDots<TRows>(even, x0, x1, x2, x3, ref c02, ref c12, ref c22, ref c32);
        }
        if (TVectors.Value > 3)
            TLane.AddDots<TRows>(odd, x0, x1, x2, x3, ref c03, ref c13, ref c23, ref c33);
    }
}
