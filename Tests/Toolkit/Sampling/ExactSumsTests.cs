using System.Globalization;
using System.Numerics;
using CsCheck;
using TransformFramework.Toolkit.Sampling;

namespace TransformFramework.Toolkit.Tests.Sampling;

public sealed class ExactSumsTests
{
    private static readonly Gen<double> Numbers = Gen.Select(Gen.Double[-1, 1], Gen.Int[-200, 200], Math.ScaleB);

    [Fact]
    public void Sums_are_exact_and_independent_of_order_and_split() =>
        Gen.Select(Numbers.Array[0, 40], Gen.Int[0, 40], Gen.Int).Sample((values, cut, seed) =>
        {
            cut = Math.Min(cut, values.Length);
            double[] shuffled = [.. values];
            new Random(seed).Shuffle(shuffled);
            ExactSums merged = Sum(shuffled[cut..]);
            merged.Merge(new ExactSums(Sum(shuffled[..cut]).Parts()));
            double[][] parts = Sum(values).Parts();
            Assert.Equal(parts, merged.Parts());
            Assert.Equal(parts[0][0], Sum(values)[0]);
            Assert.Equal(Exact(values), Exact(parts.Select(part => part[0])));
        });

    [Theory]
    [InlineData("1 1e-16", 1)]
    [InlineData("3e16 1 2", 30000000000000004)]
    [InlineData("1e300 1 -1e300 -1", 0)]
    [InlineData("1e308 1e308 1", double.PositiveInfinity)]
    [InlineData("1e300 1e-300 -1e300", 1e-300)]
    [InlineData("9007199254740992 1 5e-324", 9007199254740994)]
    [InlineData("9007199254740992 1 -5e-324", 9007199254740992)]
    [InlineData("9007199254740992 1", 9007199254740992)]
    [InlineData("9007199254740994 1", 9007199254740996)]
    [InlineData("Infinity 1", double.PositiveInfinity)]
    [InlineData("Infinity 1 -Infinity", double.NaN)]
    public void A_sum_is_the_nearest_number(string values, double sum) =>
        Assert.Equal(sum, Sum(values.Split(' ').Select(value => double.Parse(value, CultureInfo.InvariantCulture)))[0]);

    [Fact]
    public void Sums_stand_beside_each_other()
    {
        var sums = new ExactSums(2);
        sums.Add([1e20, 5]);
        sums.Add([1, 7]);
        Assert.Equal([[1e20, 12], [1, 0]], sums.Parts());
    }

    [Fact]
    public void Parts_of_different_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ExactSums([]));
        Assert.Throws<ArgumentException>(() => new ExactSums([[1, 2], [3]]));
    }

    private static ExactSums Sum(IEnumerable<double> values)
    {
        var sums = new ExactSums(1);
        foreach (double value in values)
            sums.Add(0, value);
        return sums;
    }

    private static BigInteger Exact(IEnumerable<double> values) => values.Aggregate(BigInteger.Zero, (sum, value) => sum + Whole(value));

    /// <summary>A number in multiples of the smallest one.</summary>
    private static BigInteger Whole(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)(bits >> 52) & 0x7FF;
        long mantissa = bits & 0xFFFFFFFFFFFFF | (exponent > 0 ? 1L << 52 : 0);
        BigInteger magnitude = new BigInteger(mantissa) << (Math.Max(1, exponent) - 1);
        return value < 0 ? -magnitude : magnitude;
    }
}
