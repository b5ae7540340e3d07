using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.MachineCode;

/// <summary>The emitted 3 × 3 depthwise kernels: groups of 64 channels, then of 32 and of 16 for what is left.</summary>
internal sealed unsafe class VnniDepthwiseKernels(ExecutableMemory code, int[] entries) : Depthwise3x3Kernels
{
    private const int SmallestGroup = 16;
    private const int LargestGroup = 64;
    private const int Lengths = 3;
    private const int Strides = 2;
    private const int Quarter = 4;

    /// <summary>Pixels that the self-test goes up to: blocks of every size and two of the largest.</summary>
    private const int MostPixels = 23;

    /// <summary>Sixteens of channels in all blocks below which a call takes less than a microsecond.</summary>
    private const int ShortChunks = 16;

    /// <summary>Appends the kernels; where each starts, by length of vectors, pixels, stride and sign.</summary>
    public static int[] Emit(List<byte> emitted)
    {
        int[] starts = new int[Lengths * PixelCounts.Length * Strides * 2];
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = emitted.Count;
            emitted.AddRange(VnniDepthwiseEmitter.Emit(i / (PixelCounts.Length * Strides * 2), PixelCounts[i / (Strides * 2) % PixelCounts.Length], (i / 2 % Strides) + 1, i % 2 == 1));
        }
        return starts;
    }

    /// <summary>The kernels by name, also where they cannot run.</summary>
    public static IEnumerable<Microkernel> DescribeAll(string isa) =>
        PixelCounts.Select(pixels => new Microkernel("u8s8_dwconv3x3", $"{pixels}x{LargestGroup}c4", isa, new(pixels, LargestGroup, sizeof(int), MicrokernelContract.CacheLine, 0)));

    public override IEnumerable<Microkernel> Describe(string isa) => DescribeAll(isa);

    /// <summary>For each group of channels three times four vectors, four for a column: the weights of the three rows and a zero, channel by channel in the order of the accumulators.</summary>
    public override AlignedMemory Pack(ReadOnlySpan<sbyte> filter, int channels, int row, int column)
    {
        var packed = new AlignedMemory((long)channels * Size * sizeof(int));
        Span<sbyte> weights = packed.Span<sbyte>();
        for (int first = 0; first < channels; first += GroupAt(first, channels))
        {
            int group = GroupAt(first, channels);
            for (int i = 0; i < Size * Size; i++)
            {
                for (int place = 0; place < group; place++)
                    weights[((((first * Size) + (i % Size * group)) + place) * sizeof(int)) + (i / Size)] = Weight(filter, channels, (i / Size) + row, (i % Size) + column, first + ChannelAt(place, group));
            }
        }
        return packed;
    }

    public override AlignedMemory Arrange(ReadOnlySpan<int> biases)
    {
        int[] arranged = new int[biases.Length];
        for (int first = 0; first < biases.Length; first += GroupAt(first, biases.Length))
        {
            int group = GroupAt(first, biases.Length);
            for (int place = 0; place < group; place++)
                arranged[first + place] = biases[first + ChannelAt(place, group)];
        }
        return AlignedMemory.Of<int>(arranged);
    }

    public override void Run(Depthwise3x3Tile* work, int pixels, int stride)
    {
        Depthwise3x3Tile part = *work;
        for (int size = PixelCounts.Length - 1; size >= 0; size--)
        {
            int counted = PixelCounts[size];
            part.Blocks = size == PixelCounts.Length - 1 ? pixels / counted : pixels / counted % 2;
            if (part.Blocks == 0)
                continue;
            RunChannels(part, size, stride);
            nint done = part.Blocks * counted;
            part.Row0 += done * stride * work->ColumnStride;
            part.Row1 += done * stride * work->ColumnStride;
            part.Row2 += done * stride * work->ColumnStride;
            part.Output += done * work->OutputStride;
        }
    }

    /// <summary>Groups of 64 channels, then of 32 and 16.</summary>
    private void RunChannels(Depthwise3x3Tile part, int size, int stride)
    {
        nint chunks = part.Chunks;
        for (int length = Lengths - 1; length >= 0; length--)
        {
            part.Chunks = length == Lengths - 1 ? chunks >> length : (chunks >> length) & 1;
            if (part.Chunks == 0)
                continue;
            Run(&part, length, size, stride);
            nint channels = (part.Chunks << length) * SmallestGroup;
            part.Row0 += channels;
            part.Row1 += channels;
            part.Row2 += channels;
            part.Weights += channels * Size * sizeof(int);
            part.Bias += channels;
            part.Scale += channels;
            part.Output += channels;
        }
    }

    private void Run(Depthwise3x3Tile* work, int length, int size, int stride)
    {
        int entry = (((((length * PixelCounts.Length) + size) * Strides) + stride - 1) * 2) + (work->Low < 0 ? 1 : 0);
        byte* kernel = code.Pointer + entries[entry];
        if ((work->Blocks * work->Chunks) << length <= ShortChunks)
            ((delegate* unmanaged[SuppressGCTransition]<Depthwise3x3Tile*, void>)kernel)(work);
        else
            ((delegate* unmanaged<Depthwise3x3Tile*, void>)kernel)(work);
    }

    /// <summary>Channels of the group that starts at a channel.</summary>
    private static int GroupAt(int first, int channels) => channels - first >= LargestGroup ? LargestGroup : channels - first >= LargestGroup / 2 ? LargestGroup / 2 : SmallestGroup;

    /// <summary>The channel at a place of a group's accumulators: each vector has four of each quarter.</summary>
    private static int ChannelAt(int place, int group)
    {
        int part = place / (group / VnniDepthwiseEmitter.Parts);
        int within = place % (group / VnniDepthwiseEmitter.Parts);
        return (within / Quarter * SmallestGroup) + (part * Quarter) + (within % Quarter);
    }

    /// <summary>Compares every kernel with plain accumulators.</summary>
    public bool IsRight()
    {
        const int chunks = 7;
        const int channels = chunks * SmallestGroup;
        const int columns = ((MostPixels - 1) * Strides) + Size;
        var input = new AlignedMemory(Size * columns * channels);
        sbyte[] filter = new sbyte[Size * Size * channels];
        int[] bias = new int[channels];
        float[] scale = new float[channels];
        byte* quantized = stackalloc byte[MostPixels * channels];
        for (int i = 0; i < input.Length; i++)
            input.Pointer[i] = i % 5 == 0 ? byte.MaxValue : (byte)(i * 37);
        for (int i = 0; i < filter.Length; i++)
            filter[i] = i % 7 == 0 ? sbyte.MinValue : (sbyte)(i * 29);
        for (int c = 0; c < channels; c++)
            (bias[c], scale[c]) = (c * 1000, (c + 1) * 0.0002f);
        AlignedMemory weights = Pack(filter, channels, 0, 0);
        AlignedMemory biases = Arrange(bias);
        AlignedMemory scales = Arrange(scale);
        nint row = columns * channels;
        Depthwise3x3Tile work = new()
        {
            Row0 = input.Pointer,
            Row1 = input.Pointer + row,
            Row2 = input.Pointer + (2 * row),
            ColumnStride = channels,
            Weights = (sbyte*)weights.Pointer,
            Bias = (int*)biases.Pointer,
            Scale = (float*)scales.Pointer,
            Output = quantized,
            OutputStride = channels,
            Chunks = chunks,
        };
        for (int pixels = 1; pixels <= MostPixels; pixels++)
        {
            for (int stride = 1; stride <= Strides; stride++)
            {
                foreach (bool isSigned in (bool[])[false, true])
                {
                    work.Low = isSigned ? sbyte.MinValue : byte.MinValue;
                    work.High = isSigned ? sbyte.MaxValue : byte.MaxValue;
                    Run(&work, pixels, stride);
                    for (int i = 0; i < pixels * channels; i++)
                    {
                        float real = Sum(&work, filter, bias, i / channels * stride, i % channels) * scale[i % channels];
                        if (quantized[i] != (byte)(int)MathF.Round(Math.Clamp(real, work.Low, work.High)))
                            return false;
                    }
                }
            }
        }
        return true;
    }

    private static int Sum(Depthwise3x3Tile* work, sbyte[] filter, int[] bias, int column, int channel)
    {
        int sum = bias[channel];
        for (int x = 0; x < Size; x++)
        {
            nint at = ((column + x) * work->ColumnStride) + channel;
            int tap = (x * bias.Length) + channel;
            int row = Size * bias.Length;
            sum += (work->Row0[at] * filter[tap]) + (work->Row1[at] * filter[row + tap]) + (work->Row2[at] * filter[(2 * row) + tap]);
        }
        return sum;
    }
}
