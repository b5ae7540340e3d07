using System.Buffers.Binary;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Audio;

/// <summary>
/// Decodes 16-bit PCM sound (RIFF WAVE) to samples / 32768 [length, channels] and the sample rate. Missing samples of a desired length are zeros, the last channel is repeated for desired
/// channels.
/// </summary>
[Kernel("DecodeWav")]
internal sealed class DecodeWav : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [TensorShape.Of(Math.Max(-1, node.Node.Long("desired_samples")), Math.Max(-1, node.Node.Long("desired_channels"))), TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor contents = call.Inputs[0];
        if (contents.Shape.Rank != 0)
            throw Refuse.Invalid($"contents must be scalar, got shape {contents.Shape}");
        var sound = Wave.Parse(contents.Strings[0].Span);
        int channels = call.Node.Int("desired_channels") is var wanted && wanted > 0 ? wanted : sound.Channels;
        int length = call.Node.Int("desired_samples") is var wantedLength && wantedLength >= 0 ? wantedLength : sound.Length;
        Tensor audio = Tensor.Allocate<float>(DataType.Float, TensorShape.Of(length, channels), out var samples);
        for (int i = 0; i < Math.Min(length, sound.Length); i++)
        {
            for (int c = 0; c < channels; c++)
                samples[(i * channels) + c] = sound.Samples[(i * sound.Channels) + Math.Min(c, sound.Channels - 1)];
        }
        return [audio, Tensor.Scalar(sound.Rate)];
    }

    private sealed record Wave(int Channels, int Rate, float[] Samples)
    {
        private const int FormatLength = 16;
        private const int ExtendedFormatLength = 18;

        public int Length => Samples.Length / Channels;

        public static Wave Parse(ReadOnlySpan<byte> bytes)
        {
            Expect(bytes, 0, "RIFF"u8);
            Need(bytes, 12, "4 byte unsigned integer");
            Expect(bytes, 8, "WAVE"u8);
            Expect(bytes, 12, "fmt "u8);
            Need(bytes, 36, "format chunk");
            uint formatLength = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]);
            if (formatLength is not (FormatLength or ExtendedFormatLength))
                throw Refuse.Invalid($"Bad format chunk size for WAV: Expected 16 or 18, but got {formatLength}");
            ushort encoding = BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]);
            if (encoding != 1)
                throw Refuse.Invalid($"Bad audio format for WAV: Expected 1 (PCM), but got{encoding}");
            int channels = BinaryPrimitives.ReadUInt16LittleEndian(bytes[22..]);
            uint rate = BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]);
            uint bytesPerSecond = BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]);
            uint frameBytes = BinaryPrimitives.ReadUInt16LittleEndian(bytes[32..]);
            int bits = BinaryPrimitives.ReadUInt16LittleEndian(bytes[34..]);
            if (bits != 16)
                throw Refuse.Invalid($"Can only read 16-bit WAV files, but received {bits}");
            if (channels == 0 || frameBytes != (uint)(bits * channels / 8))
                throw Refuse.Invalid($"Bad bytes per sample in WAV header: Expected {bits * channels / 8} but got {frameBytes}");
            if (bytesPerSecond != frameBytes * rate)
                throw Refuse.Invalid($"Bad bytes per second in WAV header: Expected {frameBytes * rate} but got {bytesPerSecond} (sample_rate={rate}, bytes_per_sample={frameBytes})");
            int at = 20 + (int)formatLength + (formatLength == ExtendedFormatLength ? Extension(bytes) : 0);
            return new(channels, (int)rate, Data(bytes, at, (int)frameBytes));
        }

        private static int Extension(ReadOnlySpan<byte> bytes)
        {
            Need(bytes, 38, "2 byte unsigned integer");
            return BinaryPrimitives.ReadUInt16LittleEndian(bytes[36..]);
        }

        private static float[] Data(ReadOnlySpan<byte> bytes, int at, int frameBytes)
        {
            while (at < bytes.Length)
            {
                Need(bytes, at + 8, "string");
                long length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]);
                if (!bytes.Slice(at, 4).SequenceEqual("data"u8))
                {
                    at = checked((int)Math.Min(int.MaxValue, at + 8 + length));
                    continue;
                }
                long frames = length / frameBytes;
                Need(bytes, at + 8 + (frames * frameBytes), "2 byte signed integer");
                float[] samples = new float[frames * frameBytes / 2];
                for (int i = 0; i < samples.Length; i++)
                    samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes[(at + 8 + (2 * i))..]) / 32768f;
                return samples;
            }
            throw Refuse.Invalid("No data chunk found in WAV");
        }

        private static void Expect(ReadOnlySpan<byte> bytes, int at, ReadOnlySpan<byte> text)
        {
            Need(bytes, at + text.Length, "string");
            if (!bytes.Slice(at, text.Length).SequenceEqual(text))
                throw Refuse.Invalid($"Header mismatch: Expected {System.Text.Encoding.ASCII.GetString(text)} but found {System.Text.Encoding.ASCII.GetString(bytes.Slice(at, text.Length))}");
        }

        private static void Need(ReadOnlySpan<byte> bytes, long length, string what)
        {
            if (bytes.Length < length)
                throw Refuse.Invalid($"Data too short when trying to read {what}");
        }
    }
}
