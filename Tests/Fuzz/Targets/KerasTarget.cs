using System.IO.Compression;
using System.Text;
using TransformFramework.Keras;
using TransformFramework.ModelFiles;

namespace TransformFramework.Fuzz.Targets;

/// <summary>Keras files: bytes damaged anywhere, or the configuration damaged and the rest left whole.</summary>
internal sealed class KerasTarget : FuzzTarget
{
    private const int LargestSeed = 64 << 10;

    public override string Name => "keras";

    public override IReadOnlyList<IModelSourceReader> Readers { get; } = [new KerasFormat()];

    public override IReadOnlyList<Seed> Seeds { get; } = [.. Read("keras.zip"), .. Read("keras-unusual.zip")];

    public override Seed Mutate(Seed seed, Random random)
    {
        byte[] bytes = seed.Files[0].Bytes;
        if (random.Next(2) == 0)
            return base.Mutate(seed, random);
        byte[]? changed = bytes[0] == 'P' ? InZip(bytes, random) : InAttribute(bytes, random);
        return changed is null ? base.Mutate(seed, random) : seed.With(0, changed);
    }

    /// <summary>Another configuration in the zip, or other weights.</summary>
    private static byte[]? InZip(byte[] bytes, Random random)
    {
        using var result = new MemoryStream();
        try
        {
            using var from = new ZipArchive(new MemoryStream(bytes));
            using var to = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true);
            bool weights = random.Next(4) == 0;
            foreach (ZipArchiveEntry entry in from.Entries)
            {
                using var content = new MemoryStream();
                using (Stream stream = entry.Open())
                    stream.CopyTo(content);
                byte[] data = content.ToArray();
                if (weights && entry.Name == "model.weights.h5")
                    data = ByteMutation.Apply(data, random);
                else if (!weights && entry.Name == "config.json")
                    data = JsonMutation.Apply(data, random);
                using Stream target = to.CreateEntry(entry.FullName, random.Next(8) == 0 ? CompressionLevel.Fastest : CompressionLevel.NoCompression).Open();
                target.Write(data);
            }
        }
        catch (Exception error) when (error is InvalidDataException or System.Text.Json.JsonException)
        {
            return null;
        }
        return result.ToArray();
    }

    /// <summary>Another configuration of the same length, or shorter and padded, in the attribute of an HDF5 file.</summary>
    private static byte[]? InAttribute(byte[] bytes, Random random)
    {
        int start = bytes.AsSpan().IndexOf("{\"class_name\": "u8);
        if (start < 0)
            start = bytes.AsSpan().IndexOf("{\"module\": "u8);
        int end = start < 0 ? -1 : bytes.AsSpan(start).IndexOf((byte)0);
        if (end <= 0)
            return null;
        try
        {
            byte[] json = JsonMutation.Apply(bytes[start..(start + end)], random);
            if (json.Length > end)
                return null;
            byte[] result = [.. bytes];
            result.AsSpan(start, end).Fill((byte)' ');
            json.CopyTo(result, start);
            return result;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<Seed> Read(string name)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "Seeds", name));
        foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => Path.GetExtension(entry.Name) is ".h5" or ".keras" && entry.Length is > 512 and < LargestSeed))
        {
            byte[] bytes = new byte[entry.Length];
            using Stream stream = entry.Open();
            stream.ReadExactly(bytes);
            yield return new(entry.Name, [(entry.Name, bytes)]);
        }
    }
}
