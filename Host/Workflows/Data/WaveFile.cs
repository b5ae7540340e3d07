using System.Buffers.Binary;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>A sound: samples from -1 to 1, [samples, channels], and how many a second has.</summary>
/// <param name="Samples">The samples.</param>
/// <param name="Rate">Samples a second.</param>
public sealed record Sound(Tensor Samples, long Rate);

/// <summary>Reads uncompressed sound (<c>.wav</c>): PCM of 8, 16, 24 and 32 bits and 32-bit floats, also as WAVE_FORMAT_EXTENSIBLE (Microsoft, "Multiple channel audio data and WAVE files", 2007).</summary>
public static class WaveFile
{
    private const int HeaderSize = 12;
    private const int ChunkHeaderSize = 8;
    private const uint UnknownLength = uint.MaxValue;

    /// <exception cref="FeedException">The file is no such one.</exception>
    public static Sound Read(string path) => Read(BoundedReading.File(path), path);

    /// <param name="bytes">The file's content.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <exception cref="FeedException">The bytes are not such a file.</exception>
    public static Sound Read(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < HeaderSize || !bytes[..4].SequenceEqual("RIFF"u8) || !bytes[8..12].SequenceEqual("WAVE"u8))
            throw new FeedException($"'{path}' is not a wav file");
        WaveFormat? format = null;
        for (long at = HeaderSize; at + ChunkHeaderSize <= bytes.Length;)
        {
            ReadOnlySpan<byte> kind = bytes.Slice((int)at, 4);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[((int)at + 4)..]);
            ReadOnlySpan<byte> rest = bytes[((int)at + ChunkHeaderSize)..];
            bool isData = kind.SequenceEqual("data"u8) && format is not null;
            if (length > rest.Length && !(isData && length == UnknownLength))
                throw new FeedException($"'{path}' is cut short: {rest.Length} of {length} bytes of a chunk are there") { Suggestion = "Copy or download it again." };
            ReadOnlySpan<byte> chunk = rest[..(int)Math.Min(length, (uint)rest.Length)];
            if (isData)
                return new(Samples(chunk, format!), format!.Rate);
            if (kind.SequenceEqual("fmt "u8))
                format = WaveFormat.Read(path, chunk);
            at += ChunkHeaderSize + (long)length + (length & 1);
        }
        throw new FeedException($"'{path}' holds no sound data");
    }

    private static Tensor Samples(ReadOnlySpan<byte> data, WaveFormat format)
    {
        int size = format.Bits / 8;
        int count = data.Length / size / format.Channels;
        Tensor tensor = Tensor.Allocate<float>(DataType.Float, TensorShape.Of(count, format.Channels), out var samples);
        for (int i = 0; i < samples.Length; i++)
            samples[i] = Sample(data.Slice(i * size, size), format.IsFloat);
        return tensor;
    }

    /// <summary>8 bits are unsigned about 128, wider ones signed.</summary>
    private static float Sample(ReadOnlySpan<byte> bytes, bool isFloat) => bytes.Length switch
    {
        1 => (bytes[0] - 128) / 128f,
        2 => BinaryPrimitives.ReadInt16LittleEndian(bytes) / 32768f,
        3 => ((bytes[0] << 8 | bytes[1] << 16 | bytes[2] << 24) >> 8) / 8388608f,
        _ => isFloat ? BinaryPrimitives.ReadSingleLittleEndian(bytes) : BinaryPrimitives.ReadInt32LittleEndian(bytes) / 2147483648f,
    };

    /// <summary>The chunk that says how samples are stored.</summary>
    private sealed record WaveFormat(bool IsFloat, int Channels, long Rate, int Bits)
    {
        private const int Pcm = 1;
        private const int Float = 3;
        private const int Extensible = 0xFFFE;
        private const int Bytes = 16;
        private const int ExtensibleBytes = 40;
        private const int SubFormat = 24;

        public static WaveFormat Read(string path, ReadOnlySpan<byte> chunk)
        {
            if (chunk.Length < Bytes)
                throw new FeedException($"'{path}' has a format of {chunk.Length} bytes, not of {Bytes}");
            int encoding = BinaryPrimitives.ReadUInt16LittleEndian(chunk);
            if (encoding == Extensible && chunk.Length >= ExtensibleBytes)
                encoding = BinaryPrimitives.ReadUInt16LittleEndian(chunk[SubFormat..]);
            int channels = BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]);
            int bits = BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]);
            bool isKnown = encoding == Pcm ? bits is 8 or 16 or 24 or 32 : encoding == Float && bits == 32;
            if (!isKnown)
                throw new FeedException($"'{path}' is neither PCM of 8, 16, 24 or 32 bits nor of 32-bit floats (encoding {encoding}, {bits} bits)") { Suggestion = "Convert it, for example with: sox IN.wav -b 16 -e signed OUT.wav" };
            return channels > 0
                ? new(encoding == Float, channels, BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]), bits)
                : throw new FeedException($"'{path}' has no channels");
        }
    }
}
