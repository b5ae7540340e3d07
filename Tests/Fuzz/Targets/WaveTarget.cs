using System.Text;
using TransformFramework.ModelFiles;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Fuzz.Targets;

/// <summary>Sounds.</summary>
internal sealed class WaveTarget : FuzzTarget
{
    public override string Name => "wav";

    public override IReadOnlyList<IModelSourceReader> Readers => [];

    public override IReadOnlyList<Seed> Seeds { get; } = [new("pcm16", [("x.wav", Wave(encoding: 1, bits: 16))]), new("float", [("x.wav", Wave(encoding: 3, bits: 32))]), new("extensible", [("x.wav", Wave(encoding: 0xFFFE, bits: 24))])];

    public override FuzzOutcome Read(Seed seed, CancellationToken cancellation)
    {
        try
        {
            WaveFile.Read(seed.Files[0].Bytes, "x.wav");
            return FuzzOutcome.Read;
        }
        catch (FeedException)
        {
            return seed.Files[0].Bytes.AsSpan().StartsWith("RIFF"u8) ? FuzzOutcome.Recognized : FuzzOutcome.Unrecognized;
        }
    }

    private static byte[] Wave(int encoding, int bits)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.ASCII);
        byte[] format = new byte[encoding == 0xFFFE ? 40 : 16];
        BitConverter.TryWriteBytes(format.AsSpan(0), (ushort)encoding);
        BitConverter.TryWriteBytes(format.AsSpan(2), (ushort)1);
        BitConverter.TryWriteBytes(format.AsSpan(4), 16000);
        BitConverter.TryWriteBytes(format.AsSpan(14), (ushort)bits);
        if (format.Length > 24)
            format[24] = 1;
        byte[] data = [.. Enumerable.Range(0, 96).Select(i => (byte)(i * 5))];
        writer.Write("RIFF"u8);
        writer.Write(4 + 8 + format.Length + 8 + data.Length);
        writer.Write("WAVEfmt "u8);
        writer.Write(format.Length);
        writer.Write(format);
        writer.Write("data"u8);
        writer.Write(data.Length);
        writer.Write(data);
        return stream.ToArray();
    }
}
