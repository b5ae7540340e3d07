using System.Runtime.InteropServices;

namespace TransformFramework.Cpu.Gemm;

/// <summary>The work of one call of an 8-bit tile kernel: output[r, n] = start[n] + Σ input[r, tap, k]·weight[tap, k, n], modulo 2³². Emitted code knows this layout.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CodeTile
{
    /// <summary>What the row offsets count from.</summary>
    public byte* Base;

    /// <summary>Byte offsets of the input rows, those of a tap side by side.</summary>
    public int* Rows;

    /// <summary>Number of taps, at least 1.</summary>
    public nint Taps;

    /// <summary>Bytes of a row at one tap, a multiple of 4; those past the true depth meet zero weights.</summary>
    public nint Depth;

    /// <summary>A panel: the start of each column's sum, then the weights of each tap and quad.</summary>
    public sbyte* Weights;

    public int* Output;

    /// <summary>Integers from one output row to the next.</summary>
    public nint OutputStride;
}
