using System.Numerics;
using System.Runtime.InteropServices;
using TransformFramework.Toolkit.Sampling;

namespace TransformFramework.Quantization.Static.Moments;

/// <summary>Moments of the taps of each channel by itself, several channels at a time.</summary>
internal sealed class DepthwiseMoments : InputMoments
{
    private readonly int channels;
    private readonly double[] sums;
    private readonly double[] products;

    public DepthwiseMoments(PlannedLayer layer, CancellationToken cancellation)
        : base(layer, cancellation)
    {
        channels = TapStride(layer.Layer.Op.InputChannels);
        Size = (int)(layer.Layer.Op.Weights.Shape[0] * layer.Layer.Op.Weights.Shape[1]);
        sums = new double[Size * channels];
        products = new double[Size * (Size + 1) / 2 * channels];
    }

    public override int Size { get; }

    protected override int TapStride(int channels) => RoundUp(channels, Vector<float>.Count);

    protected override int StrideOf(int length) => length;

    protected override double Sum(int group, int i) => sums[(i * channels) + group];

    protected override double Product(int group, int i, int j) => products[(Pair(i, j) * channels) + group];

    protected override void Add(float[] values, int count, int stride, int tapStride)
    {
        SampleRuns.Each(channels / Vector<float>.Count, vector =>
        {
            for (int block = 0; block < count; block += ExactPositions)
                AddChannels(values.AsSpan(block * stride, Math.Min(ExactPositions, count - block) * stride), stride, vector * Vector<float>.Count);
        }, Cancellation);
    }

    private static int Pair(int i, int j) => (i * (i + 1) / 2) + j;

    private void AddChannels(ReadOnlySpan<float> values, int stride, int channel)
    {
        ref float start = ref MemoryMarshal.GetReference(values);
        for (int i = 0; i < Size; i++)
        {
            Vector<float> sum = default;
            for (int at = channel + (i * channels); at < values.Length; at += stride)
                sum += Vector.LoadUnsafe(ref start, (nuint)at);
            AddTo(sums.AsSpan((i * channels) + channel), sum);
            for (int j = 0; j <= i; j++)
            {
                Vector<float> product = default;
                for (int at = channel; at < values.Length; at += stride)
                    product += Vector.LoadUnsafe(ref start, (nuint)(at + (i * channels))) * Vector.LoadUnsafe(ref start, (nuint)(at + (j * channels)));
                AddTo(products.AsSpan((Pair(i, j) * channels) + channel), product);
            }
        }
    }

    private static void AddTo(Span<double> target, Vector<float> values)
    {
        for (int i = 0; i < Vector<float>.Count; i++)
            target[i] += values[i];
    }
}
