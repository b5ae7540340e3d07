using System.Runtime.InteropServices;

namespace TransformFramework.Cpu.Microkernels.Gemm.F32;

/// <summary>The work of one call of a float tile kernel: output[r, n] = clamp(bias[n] + Σ input[r, tap, k]·weight[tap, k, n] + residual[r, n]).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct F32GemmTile
{
    /// <summary>What the row offsets count from.</summary>
    public byte* Base;

    /// <summary>Byte offsets of the input rows, those of a tap side by side.</summary>
    public int* Rows;

    /// <summary>Number of taps, at least 1.</summary>
    public nint Taps;

    /// <summary>Floats of a row at one tap, at least 1.</summary>
    public nint Depth;

    /// <summary>A panel: the bias, then one row of columns for each tap and k.</summary>
    public float* Weights;

    /// <summary>Memory to be fetched into the cache meanwhile: some bytes more with each k.</summary>
    public byte* Next;

    /// <summary>How many.</summary>
    public nint NextStep;

    public float* Output;

    /// <summary>Floats from one output row to the next.</summary>
    public nint OutputStride;

    /// <summary>Added before clamping; may be null.</summary>
    public float* Residual;

    /// <summary>Floats from one residual row to the next.</summary>
    public nint ResidualStride;

    public float Low;

    public float High;
}
