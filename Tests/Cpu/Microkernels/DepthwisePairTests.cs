using TransformFramework.Cpu.Microkernels.Depthwise;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>Two rows of windows at once have the bits of one row after the other.</summary>
public sealed unsafe class DepthwisePairTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(19)]
    [InlineData(48)]
    public void Two_rows_have_the_bits_of_each(int channels)
    {
        const int columns = FloatVectors.PairPixels + 2;
        var random = new Random(channels);
        float[] numbers = [.. Enumerable.Range(0, ((4 * columns) + 10) * channels).Select(_ => random.Next(30) == 0 ? float.NaN : random.NextSingle() - 0.5f)];
        float[] pair = new float[FloatVectors.PairRows * FloatVectors.PairPixels * channels];
        float[] single = new float[pair.Length];
        foreach (MicrokernelSet set in MicrokernelCatalog.Supported)
        {
            fixed (float* x = numbers, both = pair, each = single)
            {
                DepthwiseTile tile = new()
                {
                    Input = x,
                    PixelStride = channels,
                    RowStride = columns * channels,
                    TapStride = channels,
                    TapRows = 3,
                    TapColumns = 3,
                    Weights = x + (4 * columns * channels),
                    WeightRowStride = 3 * channels,
                    WeightTapStride = channels,
                    Bias = x + (((4 * columns) + 9) * channels),
                    Output = both,
                    OutputStride = channels,
                    OutputRowStride = FloatVectors.PairPixels * channels,
                    Channels = channels,
                    Low = -0.3f,
                    High = 0.4f,
                };
                set.FloatVectors.DepthwisePair(&tile);
                for (int row = 0; row < FloatVectors.PairRows; row++)
                {
                    tile.Input = x + (row * tile.RowStride);
                    tile.Output = each + (row * tile.OutputRowStride);
                    set.FloatVectors.Depthwise(&tile, FloatVectors.PairPixels);
                }
            }
            Assert.Equal(single.Select(BitConverter.SingleToInt32Bits), pair.Select(BitConverter.SingleToInt32Bits));
        }
    }
}
