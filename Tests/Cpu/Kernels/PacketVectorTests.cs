using System.Runtime.Intrinsics;
using TransformFramework.Cpu.Kernels.Elementwise;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Functions of whole packets, bit by bit against those of one number.</summary>
public sealed class PacketVectorTests
{
    private static readonly float[] Odd = [0, -0f, 1e-39f, -1e-39f, 1, -1, 88.5f, -88.5f, 9.5f, -9.5f, 18.5f, -18.5f, 1e30f, float.MaxValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 0.46875f, 3.99f, 4.01f, -2.5f, 87.9f, -87.9f, 127];

    [Theory]
    [InlineData("exp")]
    [InlineData("tanh")]
    [InlineData("logistic")]
    [InlineData("erf")]
    public void A_packet_has_the_bits_of_its_numbers(string name)
    {
        Func<float, float> one = name switch { "exp" => PacketMath.Exp, "tanh" => PacketMath.Tanh, "logistic" => PacketMath.Logistic, _ => PacketMath.Erf };
        Func<Vector256<float>, Vector256<float>> packet = name switch { "exp" => PacketVectors.Exp, "tanh" => PacketVectors.Tanh, "logistic" => PacketVectors.Logistic, _ => PacketVectors.Erf };
        var random = new System.Random(5);
        float[] values = [.. Odd, .. Enumerable.Range(0, 4000).Select(_ => (random.NextSingle() - 0.5f) * MathF.Exp(random.Next(-6, 6)))];
        for (int i = 0; i < values.Length; i += Vector256<float>.Count)
        {
            Vector256<float> results = packet(PacketVectors.Flush(Vector256.Create(values, i)));
            for (int lane = 0; lane < Vector256<float>.Count; lane++)
                Assert.Equal(BitConverter.SingleToInt32Bits(one(Denormals.Flush(values[i + lane]))), BitConverter.SingleToInt32Bits(results[lane]));
        }
    }

    [Fact]
    public void Erf_is_that_of_the_series()
    {
        for (float x = -6; x < 6; x += 0.0037f)
        {
            Assert.InRange(Math.Abs(ErrorFunction.Erf(x) - SpecialFunctions.Erf(x)), 0, 3.1e-8);
            Assert.InRange(Math.Abs(PacketMath.Erf(x) - SpecialFunctions.Erf(x)), 0, 5e-7);
        }
    }
}
