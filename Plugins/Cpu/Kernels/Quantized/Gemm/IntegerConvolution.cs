using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Gemm;

/// <summary>Convolutions of integers over images [batch, height, width, channels]; sums wrap around in 32 bits.</summary>
/// <param name="Height">Window along the rows.</param>
/// <param name="Width">Window along the columns.</param>
/// <param name="Batch">Images.</param>
/// <param name="Channels">Channels of the input.</param>
/// <param name="Columns">Channels of the result.</param>
internal sealed record IntegerConvolution(Window Height, Window Width, int Batch, int Channels, int Columns)
{
    private const int BlockElements = 1 << 16;

    public TensorShape Shape => TensorShape.Of(Batch, Height.Output, Width.Output, Columns);

    private int Positions => checked((int)(Height.Output * Width.Output));

    private int ImageElements => checked((int)(Height.Input * Width.Input) * Channels);

    /// <summary>Each output channel by its own filter over all input channels: filter [height, width, channels, columns].</summary>
    /// <param name="input">Elements of the images.</param>
    /// <param name="filter">Elements of the filter.</param>
    /// <param name="padding">What is outside of the images.</param>
    /// <param name="accumulators">Receives the result.</param>
    /// <param name="cancellation">Asked before each block.</param>
    public void Multiply(ReadOnlySpan<int> input, ReadOnlySpan<int> filter, int padding, Span<int> accumulators, CancellationToken cancellation)
    {
        int inner = checked((int)(Height.Size * Width.Size) * Channels);
        var matrix = new PackedMatrix(filter, inner, Columns);
        int rows = Math.Clamp(BlockElements / Math.Max(inner, 1), 4, Math.Max(Positions, 4));
        int[] patches = new int[rows * inner];
        for (int n = 0; n < Batch; n++)
        {
            ReadOnlySpan<int> image = input.Slice(n * ImageElements, ImageElements);
            for (int first = 0; first < Positions; first += rows)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = Math.Min(rows, Positions - first);
                for (int i = 0; i < count; i++)
                    Gather(image, first + i, padding, patches.AsSpan(i * inner, inner));
                matrix.Multiply(patches, count, accumulators.Slice(((n * Positions) + first) * Columns, count * Columns));
            }
        }
    }

    /// <summary>Each input channel by filters of its own: filter [height, width, channels, multiplier], result channel c·multiplier + m. Outside of the images is zero.</summary>
    public void MultiplyDepthwise(ReadOnlySpan<int> input, ReadOnlySpan<int> filter, Span<int> accumulators, CancellationToken cancellation)
    {
        int multiplier = Columns / Math.Max(Channels, 1);
        int inner = checked((int)(Height.Size * Width.Size) * Channels);
        int[] patch = new int[inner];
        for (int row = 0; row < Batch * Positions; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            Gather(input.Slice(row / Positions * ImageElements, ImageElements), row % Positions, 0, patch);
            Span<int> result = accumulators.Slice(row * Columns, Columns);
            for (int tap = 0; tap < inner; tap += Channels)
                AddTap(patch.AsSpan(tap, Channels), filter.Slice(tap * multiplier, Columns), result);
        }
    }

    private static void AddTap(ReadOnlySpan<int> pixel, ReadOnlySpan<int> filter, Span<int> accumulators)
    {
        int multiplier = accumulators.Length / pixel.Length;
        for (int i = 0; i < accumulators.Length; i++)
            accumulators[i] += pixel[i / multiplier] * filter[i];
    }

    private void Gather(ReadOnlySpan<int> image, int position, int padding, Span<int> patch)
    {
        long top = (position / Width.Output * Height.Stride) - Height.Before;
        long left = (position % Width.Output * Width.Stride) - Width.Before;
        int at = 0;
        for (long y = top; y < top + Height.EffectiveSize; y += Height.Dilation)
        {
            for (long x = left; x < left + Width.EffectiveSize; x += Width.Dilation, at += Channels)
            {
                Span<int> pixel = patch.Slice(at, Channels);
                if (y < 0 || y >= Height.Input || x < 0 || x >= Width.Input)
                    pixel.Fill(padding);
                else
                    image.Slice((int)((y * Width.Input) + x) * Channels, Channels).CopyTo(pixel);
            }
        }
    }
}
