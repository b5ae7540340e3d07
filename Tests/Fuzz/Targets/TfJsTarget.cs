using System.Text;
using TransformFramework.Keras;
using TransformFramework.ModelFiles;
using TransformFramework.TfJs;

namespace TransformFramework.Fuzz.Targets;

/// <summary>TensorFlow.js folders: <c>model.json</c> damaged as JSON or as bytes, shards cut.</summary>
internal sealed class TfJsTarget : FuzzTarget
{
    public override string Name => "tfjs";

    public override IReadOnlyList<IModelSourceReader> Readers { get; } = [new TfJsFormat(), new TfJsLayersFormat()];

    public override IReadOnlyList<Seed> Seeds { get; } = [.. Directory.EnumerateDirectories(Path.Combine(AppContext.BaseDirectory, "Seeds", "tfjs")).Order(StringComparer.Ordinal).Select(Read)];

    public override Seed Mutate(Seed seed, Random random)
    {
        if (random.Next(3) == 0)
            return base.Mutate(seed, random);
        return seed.With(0, JsonMutation.Apply(seed.Files[0].Bytes, random));
    }

    private static Seed Read(string folder) => new(
        Path.GetFileName(folder),
        [("model.json", File.ReadAllBytes(Path.Combine(folder, "model.json"))), .. Directory.EnumerateFiles(folder, "*.bin").Order(StringComparer.Ordinal).Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))]);
}
