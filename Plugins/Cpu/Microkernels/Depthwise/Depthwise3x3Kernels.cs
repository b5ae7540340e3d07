using System.Runtime.InteropServices;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Depthwise;

/// <summary>
/// The work of one call of a 3 × 3 depthwise kernel: quantized[p, c] = round(clamp((bias[c] + Σ row[y][p·stride + x, c]·weight[y, x, c]) · scale[c])) for some pixels side by side, ties to even. Emitted
/// code knows this layout.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Depthwise3x3Tile
{
    /// <summary>First channel of the first column of the three rows.</summary>
    public byte* Row0;

    public byte* Row1;

    public byte* Row2;

    /// <summary>Bytes from one column to the next.</summary>
    public nint ColumnStride;

    /// <summary>Packed by the kernels.</summary>
    public sbyte* Weights;

    /// <summary>Arranged by the kernels, as are the scales.</summary>
    public int* Bias;

    /// <summary>Factors of at most a half in magnitude, so that scaled accumulators stay within 32 bits.</summary>
    public float* Scale;

    public byte* Output;

    /// <summary>Bytes from the quantized values of one pixel to those of the next.</summary>
    public nint OutputStride;

    /// <summary>Channels in sixteens, at least 1.</summary>
    public nint Chunks;

    /// <summary>Smallest and largest quantized value: those of quint8 or of qint8.</summary>
    public float Low;

    public float High;

    /// <summary>Blocks of pixels, set by the kernels.</summary>
    public nint Blocks;
}

/// <summary>3 × 3 depthwise kernels of strides 1 and 2 for whole sixteens of channels.</summary>
internal abstract unsafe class Depthwise3x3Kernels
{
    /// <summary>Rows and columns of a window.</summary>
    public const int Size = 3;

    /// <summary>Pixels of a block.</summary>
    protected static readonly int[] PixelCounts = [1, 2, 4, 8];

    /// <summary>The kernels by name.</summary>
    public abstract IEnumerable<Microkernel> Describe(string isa);

    /// <summary>Packs weights for these kernels.</summary>
    /// <param name="filter">Weights [3, 3, channels].</param>
    /// <param name="channels">Channels, whole sixteens.</param>
    /// <param name="row">How far the weights are moved up: the row of the filter that the first row of a window meets. Rows outside the filter are zero.</param>
    /// <param name="column">The same of columns.</param>
    public abstract AlignedMemory Pack(ReadOnlySpan<sbyte> filter, int channels, int row, int column);

    /// <summary>Biases of the channels in the order in which these kernels read them.</summary>
    public virtual AlignedMemory Arrange(ReadOnlySpan<int> biases) => AlignedMemory.Of(biases);

    /// <summary>Scales of the channels in the order in which these kernels read them.</summary>
    public AlignedMemory Arrange(ReadOnlySpan<float> scales)
    {
        fixed (float* first = scales)
            return Arrange(new ReadOnlySpan<int>(first, scales.Length));
    }

    /// <summary>Computes any number of pixels side by side.</summary>
    public abstract void Run(Depthwise3x3Tile* work, int pixels, int stride);

    /// <summary>A weight of a channel; 0 outside the filter.</summary>
    protected static sbyte Weight(ReadOnlySpan<sbyte> filter, int channels, int row, int column, int channel) =>
        row is < 0 or >= Size || column is < 0 or >= Size ? (sbyte)0 : filter[(((row * Size) + column) * channels) + channel];
}
