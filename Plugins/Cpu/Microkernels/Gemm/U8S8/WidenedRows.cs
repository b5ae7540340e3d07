using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.U8S8;

/// <summary>Input rows of a product, the bytes of all their taps one after another, widened to 16 bits. Each thread has memory for one set of them.</summary>
internal static unsafe class WidenedRows
{
    /// <summary>What stays in the second-level cache beside a panel.</summary>
    private const int BytesAtOnce = 128 << 10;

    [ThreadStatic]
    private static AlignedMemory? memory;

    /// <summary>Bytes of a widened row.</summary>
    /// <param name="rows">Where the rows are.</param>
    /// <param name="depth">Bytes of a row at one tap.</param>
    public static nint RowBytes(RowOffsets rows, int depth) => (nint)rows.Taps * depth * sizeof(short);

    /// <summary>How many rows to widen together: whole tiles.</summary>
    public static int AtOnce(RowOffsets rows, int depth) => (int)Math.Max(1, BytesAtOnce / (RowBytes(rows, depth) * rows.Mr)) * rows.Mr;

    /// <summary>Widens rows; the first starts a tile.</summary>
    /// <returns>The widened rows, which stay until the thread's next call.</returns>
    public static byte* Gather(byte* arena, RowOffsets rows, int firstRow, int lastRow, int depth)
    {
        nint rowBytes = RowBytes(rows, depth);
        long bytes = (long)rowBytes * (lastRow - firstRow);
        if (memory is null || memory.Length < bytes)
            memory = new(bytes);
        int* scratch = stackalloc int[rows.Mr];
        for (int row = firstRow; row < lastRow; row += rows.Mr)
        {
            int count = Math.Min(rows.Mr, rows.Rows - row);
            int* offsets = rows.Tile(row, scratch);
            for (int tap = 0; tap < rows.Taps; tap++)
            {
                for (int r = 0; r < count; r++)
                    Widen(arena + offsets[(tap * count) + r], (short*)(memory.Pointer + ((row - firstRow + r) * rowBytes)) + ((nint)tap * depth), depth);
            }
        }
        return memory.Pointer;
    }

    /// <summary>The offsets of a tile's widened rows.</summary>
    public static int* Tile(int row, int count, nint rowBytes, int* scratch)
    {
        for (int r = 0; r < count; r++)
            scratch[r] = (int)((row + r) * rowBytes);
        return scratch;
    }

    private static void Widen(byte* source, short* target, int count)
    {
        int i = 0;
        for (; i + Vector256<short>.Count <= count; i += Vector256<short>.Count)
            Avx2.ConvertToVector256Int16(source + i).Store(target + i);
        for (; i < count; i += sizeof(int))
            Vector128.WidenLower(Vector128.CreateScalar(*(uint*)(source + i)).AsByte()).GetLower().AsInt16().Store(target + i);
    }
}
