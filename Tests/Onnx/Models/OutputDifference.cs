using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Models;

/// <summary>How far the outputs of two runs are apart, over all outputs that are added.</summary>
internal sealed class OutputDifference
{
    private long integers;
    private long others;

    /// <summary>The largest difference of floats, as a part of the largest magnitude of their tensor.</summary>
    public double Floats { get; private set; }

    /// <summary>The largest difference of integers.</summary>
    public long Integers { get; private set; }

    /// <summary>The least signal to noise of floats, in dB.</summary>
    public double Sqnr { get; private set; } = double.PositiveInfinity;

    /// <summary>Part of the integers that are the same.</summary>
    public double Same => integers == 0 ? 1 : 1 - ((double)others / integers);

    public void Add(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        if (expected.Type == DataType.String)
            Assert.Equal(Texts(expected), Texts(actual));
        else if (expected.Type == DataType.Float)
            AddFloats(expected.AsSpan<float>(), actual.AsSpan<float>());
        else
            AddIntegers(Numbers(expected), Numbers(actual));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"floats {Floats:g3} of the largest, {Sqnr:f1} dB; integers by {Integers}, {Same:p1} the same");

    private void AddFloats(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        double largest = 0;
        double worst = 0;
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = expected[i].Equals(actual[i]) ? 0 : Math.Abs((double)expected[i] - actual[i]);
            largest = Math.Max(largest, Math.Abs(expected[i]));
            worst = double.IsFinite(difference) ? Math.Max(worst, difference) : double.PositiveInfinity;
            signal += (double)expected[i] * expected[i];
            noise += difference * difference;
        }
        if (worst == 0)
            return;
        Floats = Math.Max(Floats, worst / largest);
        Sqnr = Math.Min(Sqnr, 10 * Math.Log10(signal / noise));
    }

    private void AddIntegers(long[] expected, long[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            integers++;
            others += expected[i] == actual[i] ? 0 : 1;
            Integers = Math.Max(Integers, Math.Abs(expected[i] - actual[i]));
        }
    }

    private static string[] Texts(Tensor tensor) => [.. tensor.StoredStrings.Select(text => Convert.ToHexString(text.Span))];

    private static long[] Numbers(Tensor tensor) => tensor.Type switch
    {
        DataType.Int32 => [.. tensor.AsSpan<int>().ToArray().Select(value => (long)value)],
        DataType.Int64 => tensor.AsSpan<long>().ToArray(),
        _ => [.. tensor.Bytes.ToArray().Select(value => (long)value)],
    };
}
