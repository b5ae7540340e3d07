using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.MachineCode;

/// <summary>The emitted 3 × 3 depthwise kernels.</summary>
internal sealed unsafe class VnniDepthwiseKernels(ExecutableMemory code, int[] entries) : Depthwise3x3Kernels
{
    private const int VectorChannels = 16;
    private const int Strides = 2;

    /// <summary>Sixteens of channels below which a call takes less than a microsecond.</summary>
    private const int ShortChunks = 16;

    /// <summary>Appends the kernels; where each starts, by pixels and stride.</summary>
    public static int[] Emit(List<byte> emitted)
    {
        int[] starts = new int[PixelCounts.Length * Strides];
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = emitted.Count;
            emitted.AddRange(VnniDepthwiseEmitter.Emit(PixelCounts[i / Strides], (i % Strides) + 1));
        }
        return starts;
    }

    /// <summary>The kernels by name, also where they cannot run.</summary>
    public static IEnumerable<Microkernel> DescribeAll(string isa) =>
        PixelCounts.Select(pixels => new Microkernel("u8s8_dwconv3x3", $"{pixels}x{VectorChannels}c4", isa, new(pixels, VectorChannels, sizeof(int), MicrokernelContract.CacheLine, 0)));

    public override IEnumerable<Microkernel> Describe(string isa) => DescribeAll(isa);

    /// <summary>For each 16 channels three vectors, one a column: the weights of the three rows and a zero, channel by channel.</summary>
    public override AlignedMemory Pack(ReadOnlySpan<sbyte> filter, int channels, int row, int column)
    {
        var packed = new AlignedMemory((long)channels * Size * sizeof(int));
        Span<sbyte> groups = packed.Span<sbyte>();
        for (int i = 0; i < Size * Size; i++)
        {
            for (int c = 0; c < channels; c++)
                groups[(((c / VectorChannels * Size) + (i % Size)) * VectorChannels * sizeof(int)) + (c % VectorChannels * sizeof(int)) + (i / Size)] = Weight(filter, channels, (i / Size) + row, (i % Size) + column, c);
        }
        return packed;
    }

    public override void Run(Depthwise3x3Tile* work, int pixels, int stride)
    {
        byte* kernel = code.Pointer + entries[(System.Numerics.BitOperations.Log2((uint)pixels) * Strides) + stride - 1];
        if (work->Chunks <= ShortChunks)
            ((delegate* unmanaged[SuppressGCTransition]<Depthwise3x3Tile*, void>)kernel)(work);
        else
            ((delegate* unmanaged<Depthwise3x3Tile*, void>)kernel)(work);
    }

    /// <summary>Compares every kernel with plain accumulators.</summary>
    public bool IsRight()
    {
        const int chunks = 2;
        const int channels = chunks * VectorChannels;
        const int columns = ((MaxPixels - 1) * Strides) + Size;
        var input = new AlignedMemory(Size * columns * channels);
        var weights = new AlignedMemory(chunks * Size * VectorChannels * sizeof(int));
        int* bias = stackalloc int[channels];
        float* scale = stackalloc float[channels];
        byte* quantized = stackalloc byte[MaxPixels * channels];
        for (int i = 0; i < input.Length; i++)
            input.Pointer[i] = i % 5 == 0 ? byte.MaxValue : (byte)(i * 37);
        for (int i = 0; i < weights.Length; i++)
            weights.Pointer[i] = i % 4 == Size ? (byte)0 : i % 7 == 0 ? (byte)128 : (byte)(i * 29);
        for (int c = 0; c < channels; c++)
            (bias[c], scale[c]) = (c * 1000, (c + 1) * 0.0002f);
        nint row = columns * channels;
        Depthwise3x3Tile work = new()
        {
            Row0 = input.Pointer,
            Row1 = input.Pointer + row,
            Row2 = input.Pointer + (2 * row),
            ColumnStride = channels,
            Weights = (sbyte*)weights.Pointer,
            Bias = bias,
            Scale = scale,
            Output = quantized,
            OutputStride = channels,
            Chunks = chunks,
            High = byte.MaxValue,
        };
        foreach (int pixels in PixelCounts)
        {
            for (int stride = 1; stride <= Strides; stride++)
            {
                Run(&work, pixels, stride);
                for (int i = 0; i < pixels * channels; i++)
                {
                    float real = Sum(&work, i / channels * stride, i % channels) * scale[i % channels];
                    if (quantized[i] != (byte)MathF.Round(Math.Clamp(real, 0, byte.MaxValue)))
                        return false;
                }
            }
        }
        return true;
    }

    private static int Sum(Depthwise3x3Tile* work, int column, int channel)
    {
        int sum = work->Bias[channel];
        sbyte* weights = work->Weights + (channel / VectorChannels * Size * VectorChannels * sizeof(int)) + (channel % VectorChannels * sizeof(int));
        for (int x = 0; x < Size; x++)
        {
            nint at = ((column + x) * work->ColumnStride) + channel;
            sbyte* group = weights + (x * VectorChannels * sizeof(int));
            sum += (work->Row0[at] * group[0]) + (work->Row1[at] * group[1]) + (work->Row2[at] * group[2]);
        }
        return sum;
    }
}
