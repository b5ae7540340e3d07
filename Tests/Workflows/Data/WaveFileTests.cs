using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Tests.Data;

public sealed class WaveFileTests
{
    private const int Pcm = 1;
    private const int Float = 3;
    private const int Extensible = 0xFFFE;

    [Theory]
    [InlineData(Pcm, 8, new byte[] { 128, 0, 255 }, new[] { 0f, -1, 127 / 128f })]
    [InlineData(Pcm, 16, new byte[] { 0, 0, 0, 0x80, 0, 0x40 }, new[] { 0f, -1, 0.5f })]
    [InlineData(Pcm, 24, new byte[] { 0, 0, 0, 0, 0, 0x80, 0, 0, 0x40 }, new[] { 0f, -1, 0.5f })]
    [InlineData(Pcm, 32, new byte[] { 0, 0, 0, 0x80, 0, 0, 0, 0x40 }, new[] { -1f, 0.5f })]
    [InlineData(Float, 32, new byte[] { 0, 0, 0x80, 0x3F, 0, 0, 0, 0xBF }, new[] { 1f, -0.5f })]
    [InlineData(Extensible, 16, new byte[] { 0, 0, 0, 0x40 }, new[] { 0f, 0.5f })]
    public void Samples_are_numbers_from_minus_one_to_one(int encoding, int bits, byte[] data, float[] expected)
    {
        var (samples, rate) = WaveFile.Read(Wave(encoding, bits, data), "a.wav");
        Assert.Equal(expected, samples.AsSpan<float>().ToArray());
        Assert.Equal(TensorShape.Of(expected.Length, 1), samples.Shape);
        Assert.Equal(16000, rate);
    }

    [Fact]
    public void A_sound_that_is_cut_short_is_refused()
    {
        byte[] whole = Wave(Pcm, 16, new byte[100]);
        FeedException refusal = Assert.Throws<FeedException>(() => WaveFile.Read(whole[..^10], "a.wav"));
        Assert.Contains("'a.wav' is cut short: 90 of 100 bytes", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Pcm, 12)]
    [InlineData(Float, 64)]
    [InlineData(85, 16)]
    public void Other_encodings_are_named(int encoding, int bits)
    {
        FeedException refusal = Assert.Throws<FeedException>(() => WaveFile.Read(Wave(encoding, bits, new byte[8]), "a.wav"));
        Assert.Contains($"encoding {encoding}, {bits} bits", refusal.Message, StringComparison.Ordinal);
    }

    private static byte[] Wave(int encoding, int bits, byte[] data)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.ASCII);
        byte[] format = new byte[encoding == Extensible ? 40 : 16];
        BitConverter.TryWriteBytes(format.AsSpan(0), (ushort)encoding);
        BitConverter.TryWriteBytes(format.AsSpan(2), (ushort)1);
        BitConverter.TryWriteBytes(format.AsSpan(4), 16000);
        BitConverter.TryWriteBytes(format.AsSpan(14), (ushort)bits);
        if (encoding == Extensible)
            format[24] = Pcm;
        writer.Write("RIFF"u8);
        writer.Write(0);
        writer.Write("WAVEfmt "u8);
        writer.Write(format.Length);
        writer.Write(format);
        writer.Write("data"u8);
        writer.Write(data.Length);
        writer.Write(data);
        return stream.ToArray();
    }
}
