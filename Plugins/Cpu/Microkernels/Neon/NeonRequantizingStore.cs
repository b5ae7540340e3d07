using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Neon;

/// <summary>Requantizes the accumulators; the tile is that of a <see cref="U8S8RequantizedTile"/>. Its bounds are those of a byte, so narrowing with saturation clamps.</summary>
internal readonly unsafe struct NeonRequantizingStore : ITileStore<Vector128<int>>
{
    private const int Width = 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TVectors>(U8S8GemmTile* tile, int row, Vector128<int> c0, Vector128<int> c1, Vector128<int> c2, Vector128<int> c3)
        where TVectors : struct, ICount
    {
        var work = (U8S8RequantizedTile*)tile;
        nint at = row * tile->OutputStride;
        byte* output = (byte*)tile->Output + at;
        byte* residual = work->Residual == null ? null : work->Residual + at;
        bool isSigned = work->Low < 0;
        Vector64<short> lower = AdvSimd.ExtractNarrowingSaturateLower(Level(work, c0, 0, residual));
        if (TVectors.Value == 1)
        {
            *(uint*)output = NeonInt8Conversions.Narrow(lower.ToVector128(), isSigned).AsUInt32().ToScalar();
            return;
        }
        Vector128<short> words = AdvSimd.ExtractNarrowingSaturateUpper(lower, Level(work, c1, Width, residual));
        Vector64<byte> bytes = NeonInt8Conversions.Narrow(words, isSigned);
        if (TVectors.Value == 2)
        {
            bytes.Store(output);
            return;
        }
        lower = AdvSimd.ExtractNarrowingSaturateLower(Level(work, c2, 2 * Width, residual));
        if (TVectors.Value == 3)
        {
            bytes.Store(output);
            *(uint*)(output + (2 * Width)) = NeonInt8Conversions.Narrow(lower.ToVector128(), isSigned).AsUInt32().ToScalar();
            return;
        }
        Vector128<short> upperWords = AdvSimd.ExtractNarrowingSaturateUpper(lower, Level(work, c3, 3 * Width, residual));
        NeonInt8Conversions.Narrow(bytes, upperWords, isSigned).Store(output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Level(U8S8RequantizedTile* work, Vector128<int> accumulators, int column, byte* residual)
    {
        Vector128<float> q = AdvSimd.ConvertToSingle(accumulators) * Vector128.Load(work->Scale + column);
        if (residual != null)
            q += AdvSimd.ConvertToSingle(NeonInt8Conversions.LoadUnsigned(residual + column)) * Vector128.Create(work->ResidualScale);
        return AdvSimd.ConvertToInt32RoundToEven(q);
    }
}
