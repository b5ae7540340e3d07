using TransformFramework.Graphs;
using TransformFramework.Toolkit.Sampling;

namespace TransformFramework.Quantization.Static.Moments;

/// <summary>
/// Sums, and sums of products, of the quantized values that a layer's filter reads at the same time. A depthwise filter reads each channel by itself. All sums are of whole numbers below 2⁵³, so they are
/// exact and do not depend on the order of samples or on threads.
/// </summary>
internal abstract class InputMoments(PlannedLayer layer, CancellationToken cancellation)
{
    /// <summary>Products of 255 · 255, so many of them, add up exactly in float.</summary>
    protected const int ExactPositions = 256;

    /// <summary>Bytes of values that are laid out at a time.</summary>
    private const int MostBytes = 1 << 24;

    private float[] values = [];

    /// <summary>Number of positions taken in.</summary>
    public long Positions { get; private set; }

    /// <summary>False for data of other channels than the filter's, as grouped convolutions have.</summary>
    public bool FitData { get; private set; } = true;

    /// <summary>Number of filter elements that belong together: all inputs of a position, or the taps of one channel.</summary>
    public abstract int Size { get; }

    protected CancellationToken Cancellation => cancellation;

    /// <summary>Empty moments of a layer.</summary>
    public static InputMoments Of(PlannedLayer layer, CancellationToken cancellation) => layer.Layer.IsDepthwise ? new DepthwiseMoments(layer, cancellation) : new DenseMoments(layer, cancellation);

    /// <summary>Takes in the data of one sample.</summary>
    public void Add(Tensor data)
    {
        var window = ConvolutionWindow.Of(layer, data.Shape);
        FitData &= window.Channels == layer.Layer.Op.InputChannels;
        if (!FitData)
            return;
        int tapStride = TapStride(window.Channels);
        int stride = StrideOf(window.Taps * tapStride);
        int most = Math.Max(1, MostBytes / sizeof(float) / stride / ExactPositions) * ExactPositions;
        int size = Math.Min(most, window.Positions) * stride;
        if (values.Length < size)
            values = new float[size];
        for (int first = 0; first < window.Positions; first += most)
        {
            int count = Math.Min(most, window.Positions - first);
            int blocks = (count + ExactPositions - 1) / ExactPositions;
            int start = first;
            SampleRuns.Each(blocks, block => window.Read(data.Bytes.Span, layer.Input.IsSigned, start + (block * ExactPositions), values.AsSpan(block * ExactPositions * stride, Math.Min(ExactPositions, count - (block * ExactPositions)) * stride), stride, tapStride), cancellation);
            Add(values, count, stride, tapStride);
        }
        Positions += window.Positions;
    }

    /// <summary>Mean of an element of a group, in steps of the data.</summary>
    public double Mean(int group, int i) => Sum(group, i) / Math.Max(1, Positions);

    /// <summary>Covariance of two elements of a group; about 0 when not centred.</summary>
    /// <param name="group">The channel of a depthwise layer, else 0.</param>
    /// <param name="one">An element.</param>
    /// <param name="other">Another, or the same.</param>
    /// <param name="isCentred">True to leave out what the means explain, which the bias corrects.</param>
    /// <param name="zeroPoint">The value that stands for 0.</param>
    public double Covariance(int group, int one, int other, bool isCentred, double zeroPoint)
    {
        double count = Math.Max(1, Positions);
        double product = Product(group, Math.Max(one, other), Math.Min(one, other)) / count;
        double first = Sum(group, one) / count;
        double second = Sum(group, other) / count;
        return isCentred ? product - (first * second) : product - (zeroPoint * (first + second)) + (zeroPoint * zeroPoint);
    }

    protected abstract int TapStride(int channels);

    protected abstract int StrideOf(int length);

    /// <summary>Takes in values laid out position by position.</summary>
    protected abstract void Add(float[] values, int count, int stride, int tapStride);

    protected abstract double Sum(int group, int i);

    /// <summary>The sum of products of two elements, of which the second is not behind the first.</summary>
    protected abstract double Product(int group, int i, int j);

    protected static int RoundUp(int value, int unit) => (value + unit - 1) / unit * unit;
}
