using System.IO.Compression;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx;

namespace TransformFramework.Fuzz.Targets;

/// <summary>ONNX models: bytes damaged anywhere, of the model or of the data beside it.</summary>
internal sealed class OnnxTarget : FuzzTarget
{
    private const int LargestSeed = 16 << 10;

    public override string Name => "onnx";

    public override IReadOnlyList<IModelSourceReader> Readers { get; } = [new OnnxFormat()];

    public override IReadOnlyList<Seed> Seeds { get; } = [.. Read()];

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
