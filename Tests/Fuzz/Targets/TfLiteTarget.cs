using System.IO.Compression;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite;

namespace TransformFramework.Fuzz.Targets;

/// <summary>TensorFlow Lite models: words of the FlatBuffer changed, or bytes.</summary>
internal sealed class TfLiteTarget : FuzzTarget
{
    private const int LargestSeed = 16 << 10;

    public override string Name => "tflite";

    public override IReadOnlyList<IModelSourceReader> Readers { get; } = [new TfLiteFormat()];

    public override IReadOnlyList<Seed> Seeds { get; } = [.. Models()];

    public override Seed Mutate(Seed seed, Random random) => random.Next(3) == 0 ? base.Mutate(seed, random) : seed.With(0, WordMutation.Apply(seed.Files[0].Bytes, random));

    private static IEnumerable<Seed> Models()
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "Seeds", "tflite.zip"));
        foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => entry.Name.EndsWith(".tflite", StringComparison.Ordinal) && entry.Length is > 0 and <= LargestSeed))
        {
            using Stream stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            yield return new(entry.FullName.Replace('/', '-'), [(entry.Name, content.ToArray())]);
        }
    }
}
