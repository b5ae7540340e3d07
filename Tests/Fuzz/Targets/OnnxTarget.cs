using System.IO.Compression;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx;

namespace TransformFramework.Fuzz.Targets;

/// <summary>ONNX models: messages damaged in their structure, or any file as bytes.</summary>
internal sealed class OnnxTarget : FuzzTarget
{
    private const int LargestSeed = 16 << 10;

    public override string Name => "onnx";

    public override IReadOnlyList<IModelSourceReader> Readers { get; } = [new OnnxFormat()];

    public override IReadOnlyList<Seed> Seeds { get; } = [.. Read()];

    public override Seed Mutate(Seed seed, Random random)
    {
        if (random.Next(3) == 0)
            return base.Mutate(seed, random);
        byte[] bytes = seed.Files[0].Bytes;
        for (int count = random.Next(1, 4); count > 0; count--)
            bytes = MessageMutation.Change(bytes, random);
        return seed.With(0, bytes);
    }

    private static IEnumerable<Seed> Read()
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "Seeds", "onnx.zip"));
        var files = archive.Entries.Where(entry => entry.Length <= LargestSeed).ToDictionary(entry => entry.FullName, Bytes, StringComparer.Ordinal);
        foreach (var (name, bytes) in files.Where(file => file.Key.EndsWith(".onnx", StringComparison.Ordinal)))
        {
            string data = Path.ChangeExtension(name, ".bin");
            yield return new(name, files.TryGetValue(data, out byte[]? beside) ? [(name, bytes), (data, beside)] : [(name, bytes)]);
        }
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
