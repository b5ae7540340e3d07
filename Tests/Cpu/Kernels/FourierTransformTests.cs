using System.Numerics;
using TransformFramework.Cpu.Kernels.Audio;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Transforms of any number of values, against sums as the definition writes them.</summary>
public sealed class FourierTransformTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(65)]
    [InlineData(97)]
    [InlineData(128)]
    [InlineData(1000)]
    [InlineData(65535)]
    public void It_sums_what_the_definition_sums(int count)
    {
        var random = new System.Random(count);
        Complex[] values = [.. Enumerable.Range(0, count).Select(_ => new Complex(random.NextDouble() - 0.5, random.NextDouble() - 0.5))];
        Complex[] transformed = FourierTransform.Of([.. values], isSingle: false);
        Assert.Equal(count, transformed.Length);
        foreach (int k in new[] { 0, 1, count / 3, count - 1 }.Where(k => k < count))
        {
            Complex expected = Complex.Zero;
            for (int t = 0; t < count; t++)
                expected += values[t] * Complex.FromPolarCoordinates(1, -2 * Math.PI * ((long)k * t % count) / count);
            Assert.InRange(Complex.Abs(expected - transformed[k]), 0, 1e-13 * count);
        }
    }
}
