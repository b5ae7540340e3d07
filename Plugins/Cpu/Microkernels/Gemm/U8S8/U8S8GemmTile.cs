using System.Runtime.InteropServices;

namespace TransformFramework.Cpu.Microkernels.Gemm.U8S8;

/// <summary>The work of one call of an 8-bit tile kernel: output[r, n] = bias[n] + Σ input[r, tap, k]·weight[tap, k, n], modulo 2³². Emitted code knows this layout.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct U8S8GemmTile
{
    /// <summary>What the row offsets count from.</summary>
    public byte* Base;

    /// <summary>Byte offsets of the input rows, those of a tap side by side.</summary>
    public int* Rows;

    /// <summary>Number of taps, at least 1.</summary>
    public nint Taps;

    /// <summary>Bytes of a row at one tap, a multiple of 4; those past the true depth meet zero weights.</summary>
    public nint Depth;

    /// <summary>A panel: the initial bias of each column, then the weights of each tap and dot-product group.</summary>
    public sbyte* Weights;

    public int* Output;

    /// <summary>Integers from one output row to the next.</summary>
    public nint OutputStride;

    /// <summary>Memory that a kernel which is bound by loads fetches into the cache meanwhile: some bytes more with each step.</summary>
    public byte* Next;

    /// <summary>How many.</summary>
    public nint NextStep;
}

/// <summary>
/// The work of one call of a tile kernel that requantizes, of one tile or of several below each other: quantized[r, n] = round(clamp(sum[r, n] · scale[n] + residual[r, n] · factor)), each step in float, ties to even, for whole vectors of columns.
/// Quantized values without a sign go up to 255 and start at 0. Output and residual are bytes, and so is the output's stride. Emitted code knows this layout.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct U8S8RequantizedTile
{
    public U8S8GemmTile Tile;

    public float* Scale;

    /// <summary>The order of 32-bit parts that packed bytes have to be brought into; the kernels' own.</summary>
    public int* Order;

    /// <summary>quint8 values, row by row as far apart as those of the output; may be null, and may be the output.</summary>
    public byte* Residual;

    public float Low;

    public float High;

    public float ResidualScale;

    /// <summary>Tiles that are left; set by the kernels.</summary>
    public nint Tiles;

    /// <summary>Bytes from what the row offsets of a tile count from to that of the next tile.</summary>
    public nint BaseStep;

    /// <summary>Bytes from the row offsets of a tile to those of the next.</summary>
    public nint RowsStep;

    /// <summary>Goes on to the tile that is so many rows further.</summary>
    public void Advance(int rows)
    {
        nint bytes = rows * Tile.OutputStride;
        Tile.Base += BaseStep;
        Tile.Rows = (int*)((byte*)Tile.Rows + RowsStep);
        Tile.Output = (int*)((byte*)Tile.Output + bytes);
        Residual = Residual == null ? null : Residual + bytes;
    }
}
