using System.Numerics;
using System.Runtime.InteropServices;
using TransformFramework.Toolkit.Sampling;

namespace TransformFramework.Quantization.Static.Moments;

/// <summary>Moments of all inputs of a position. The sums of products are computed in tiles of four rows and two vectors, of which those above the diagonal are left out and take no memory.</summary>
internal sealed class DenseMoments : InputMoments
{
    private const int TileRows = 4;
    private readonly int stride;
    private readonly double[] sums;
    private readonly double[] products;
    private readonly int[] starts;

    public DenseMoments(PlannedLayer layer, CancellationToken cancellation)
        : base(layer, cancellation)
    {
        Size = (int)(layer.Layer.Op.Weights.ElementCount / layer.Layer.Op.OutputChannels);
        stride = StrideOf(Size);
        sums = new double[stride];
        starts = new int[stride + 1];
        for (int row = 0; row < stride; row++)
            starts[row + 1] = starts[row] + RoundUp(RoundUp(row + 1, TileRows), TileColumns);
        products = new double[starts[stride]];
    }

    public override int Size { get; }

    private static int TileColumns => 2 * Vector<float>.Count;

    protected override int TapStride(int channels) => channels;

    protected override int StrideOf(int length) => RoundUp(length, Math.Max(TileRows, TileColumns));

    protected override double Sum(int group, int i) => sums[i];

    protected override double Product(int group, int i, int j) => products[starts[i] + j];

    protected override void Add(float[] values, int count, int stride, int tapStride)
    {
        SampleRuns.Each(stride / TileRows, tile =>
        {
            for (int block = 0; block < count; block += ExactPositions)
            {
                ReadOnlySpan<float> some = values.AsSpan(block * stride, Math.Min(ExactPositions, count - block) * stride);
                for (int column = 0; column < (tile + 1) * TileRows; column += TileColumns)
                    AddTile(some, tile * TileRows, column);
                AddSums(some, tile * TileRows);
            }
        }, Cancellation);
    }

    private void AddSums(ReadOnlySpan<float> values, int row)
    {
        for (int at = row; at < values.Length; at += stride)
        {
            for (int i = 0; i < TileRows; i++)
                sums[row + i] += values[at + i];
        }
    }

    private void AddTile(ReadOnlySpan<float> values, int row, int column)
    {
        int width = Vector<float>.Count;
        Vector<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        ref float start = ref MemoryMarshal.GetReference(values);
        for (int at = 0; at < values.Length; at += stride)
        {
            var left = Vector.LoadUnsafe(ref start, (nuint)(at + column));
            var right = Vector.LoadUnsafe(ref start, (nuint)(at + column + width));
            ReadOnlySpan<float> factors = values.Slice(at + row, TileRows);
            a0 = Vector.MultiplyAddEstimate(left, new(factors[0]), a0);
            a1 = Vector.MultiplyAddEstimate(right, new(factors[0]), a1);
            b0 = Vector.MultiplyAddEstimate(left, new(factors[1]), b0);
            b1 = Vector.MultiplyAddEstimate(right, new(factors[1]), b1);
            c0 = Vector.MultiplyAddEstimate(left, new(factors[2]), c0);
            c1 = Vector.MultiplyAddEstimate(right, new(factors[2]), c1);
            d0 = Vector.MultiplyAddEstimate(left, new(factors[3]), d0);
            d1 = Vector.MultiplyAddEstimate(right, new(factors[3]), d1);
        }
        AddTo(row, column, a0, a1);
        AddTo(row + 1, column, b0, b1);
        AddTo(row + 2, column, c0, c1);
        AddTo(row + 3, column, d0, d1);
    }

    private void AddTo(int row, int column, Vector<float> left, Vector<float> right)
    {
        int width = Vector<float>.Count;
        Span<double> target = products.AsSpan(starts[row] + column, 2 * width);
        for (int i = 0; i < width; i++)
        {
            target[i] += left[i];
            target[width + i] += right[i];
        }
    }
}
