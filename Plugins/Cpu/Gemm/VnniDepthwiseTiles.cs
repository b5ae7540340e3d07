namespace TransformFramework.Cpu.Gemm;

/// <summary>The emitted 3 × 3 depthwise kernels.</summary>
internal sealed unsafe class VnniDepthwiseTiles(ExecutableMemory code, int[] entries) : DepthwiseTiles
{
    private const int VectorChannels = 16;
    private const int Strides = 2;

    private static readonly int[] PixelCounts = [1, 2, 4, 8];

    /// <summary>Appends the kernels; where each starts, by pixels and stride.</summary>
    public static int[] Emit(List<byte> emitted)
    {
        int[] starts = new int[PixelCounts.Length * Strides];
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = emitted.Count;
            emitted.AddRange(VnniDepthwiseCode.Emit(PixelCounts[i / Strides], (i % Strides) + 1));
        }
        return starts;
    }

    public override void Run(DepthwiseQuads* work, int pixels, int stride) =>
        ((delegate* unmanaged[SuppressGCTransition]<DepthwiseQuads*, void>)(code.Pointer + entries[(System.Numerics.BitOperations.Log2((uint)pixels) * Strides) + stride - 1]))(work);

    /// <summary>Compares every kernel with plain sums.</summary>
    public bool IsRight()
    {
        const int chunks = 2;
        const int channels = chunks * VectorChannels;
        const int columns = ((MostPixels - 1) * Strides) + VnniDepthwiseCode.Size;
        var input = new AlignedMemory(VnniDepthwiseCode.Size * columns * channels);
        var weights = new AlignedMemory(chunks * VnniDepthwiseCode.Size * VectorChannels * sizeof(int));
        int* start = stackalloc int[channels];
        float* scale = stackalloc float[channels];
        byte* codes = stackalloc byte[MostPixels * channels];
        for (int i = 0; i < input.Length; i++)
            input.Pointer[i] = i % 5 == 0 ? byte.MaxValue : (byte)(i * 37);
        for (int i = 0; i < weights.Length; i++)
            weights.Pointer[i] = i % 4 == VnniDepthwiseCode.Size ? (byte)0 : i % 7 == 0 ? (byte)128 : (byte)(i * 29);
        for (int c = 0; c < channels; c++)
            (start[c], scale[c]) = (c * 1000, (c + 1) * 0.0002f);
        nint row = columns * channels;
        DepthwiseQuads work = new()
        {
            Row0 = input.Pointer, Row1 = input.Pointer + row, Row2 = input.Pointer + (2 * row), ColumnStride = channels,
            Weights = (sbyte*)weights.Pointer, Start = start, Scale = scale, Output = codes, OutputStride = channels, Chunks = chunks, High = byte.MaxValue,
        };
        foreach (int pixels in PixelCounts)
        {
            for (int stride = 1; stride <= Strides; stride++)
            {
                Run(&work, pixels, stride);
                for (int i = 0; i < pixels * channels; i++)
                {
                    float number = Sum(&work, i / channels * stride, i % channels) * scale[i % channels];
                    if (codes[i] != (byte)MathF.Round(Math.Clamp(number, 0, byte.MaxValue)))
                        return false;
                }
            }
        }
        return true;
    }

    private static int Sum(DepthwiseQuads* work, int column, int channel)
    {
        int sum = work->Start[channel];
        sbyte* weights = work->Weights + (channel / VectorChannels * VnniDepthwiseCode.Size * VectorChannels * sizeof(int)) + (channel % VectorChannels * sizeof(int));
        for (int x = 0; x < VnniDepthwiseCode.Size; x++)
        {
            nint at = ((column + x) * work->ColumnStride) + channel;
            sbyte* quad = weights + (x * VectorChannels * sizeof(int));
            sum += (work->Row0[at] * quad[0]) + (work->Row1[at] * quad[1]) + (work->Row2[at] * quad[2]);
        }
        return sum;
    }
}
