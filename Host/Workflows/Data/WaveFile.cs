using System.Buffers.Binary;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>Reads 16-bit PCM sound (<c>.wav</c>) as samples from -1 to 1, [samples, channels].</summary>
public static class WaveFile
{
    private const int HeaderSize = 12;

    /// <exception cref="FeedException">The bytes are not such a file.</exception>
    public static Tensor ReadSamples(string path)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        if (bytes.Length < HeaderSize || !bytes[..4].SequenceEqual("RIFF"u8) || !bytes[8..12].SequenceEqual("WAVE"u8))
            throw new FeedException($"'{path}' is not a wav file");
        int channels = 0;
        for (int at = HeaderSize; at + 8 <= bytes.Length;)
        {
            ReadOnlySpan<byte> kind = bytes.Slice(at, 4);
            int length = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]), (uint)(bytes.Length - at - 8));
            ReadOnlySpan<byte> chunk = bytes.Slice(at + 8, length);
            if (kind.SequenceEqual("fmt "u8) && length >= 16)
                channels = ChannelsOf(path, chunk);
            else if (kind.SequenceEqual("data"u8) && channels > 0)
                return Samples(chunk, channels);
            at += 8 + length + (length & 1);
        }
        throw new FeedException($"'{path}' holds no sound data");
    }

    private static int ChannelsOf(string path, ReadOnlySpan<byte> format)
    {
        int encoding = BinaryPrimitives.ReadUInt16LittleEndian(format);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(format[14..]);
        return encoding == 1 && bits == 16
            ? BinaryPrimitives.ReadUInt16LittleEndian(format[2..])
            : throw new FeedException($"'{path}' is not 16-bit PCM (encoding {encoding}, {bits} bits)");
    }

    private static Tensor Samples(ReadOnlySpan<byte> data, int channels)
    {
        int count = data.Length / 2 / channels;
        Tensor tensor = Tensor.Allocate<float>(DataType.Float, TensorShape.Of(count, channels), out var samples);
        for (int i = 0; i < samples.Length; i++)
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(data[(2 * i)..]) / 32768f;
        return tensor;
    }
}
