using System.IO.Compression;
using TransformFramework.ModelFiles;
using TransformFramework.SavedModel;

namespace TransformFramework.Fuzz.Targets;

/// <summary>SavedModels, or checkpoints with their graph, of the packed conformance cases: messages and tables damaged in their structure, or any file as bytes.</summary>
internal sealed class SavedModelTarget(bool isCheckpoint) : FuzzTarget
{
    private static readonly string[] Mains = ["saved_model.pb", "saved_model.pbtxt"];

    public override string Name => isCheckpoint ? "checkpoint" : "saved_model";

    public override IReadOnlyList<IModelSourceReader> Readers { get; } = [new SavedModelFormat()];

    public override IReadOnlyList<Seed> Seeds { get; } = [.. Cases(isCheckpoint)];

    public override Seed Mutate(Seed seed, Random random)
    {
        for (int count = random.Next(1, 5); count > 0; count--)
        {
            int index = random.Next(3) == 0 ? 0 : random.Next(seed.Files.Count);
            byte[] bytes = seed.Files[index].Bytes;
            bool isMessage = index == 0 && !seed.Files[index].Name.EndsWith(".pbtxt", StringComparison.Ordinal);
            if (isMessage && random.Next(4) > 0)
                seed = seed.With(index, MessageMutation.Change(bytes, random));
            else if (TableMutation.IsTable(bytes) && random.Next(4) > 0)
                seed = seed.With(index, TableMutation.Change(bytes, random));
            else
                seed = seed.With(index, ByteMutation.Apply(bytes, random));
        }
        return seed;
    }

    private static IEnumerable<Seed> Cases(bool isCheckpoint)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "Seeds", "savedmodels.zip"));
        string root = isCheckpoint ? "" : "saved_model/";
        var seeds = new List<Seed>();
        foreach (var files in archive.Entries.Where(entry => entry.Length > 0).GroupBy(entry => entry.FullName[..entry.FullName.IndexOf('/', StringComparison.Ordinal)]))
        {
            string prefix = files.Key + "/" + root;
            (string Name, byte[] Bytes)[] contents = [.. files.Where(entry => entry.FullName.StartsWith(prefix, StringComparison.Ordinal) && Path.GetExtension(entry.Name) is not (".json" or ".npz")).Select(entry => (entry.FullName[prefix.Length..], Content(entry)))];
            int main = Array.FindIndex(contents, file => isCheckpoint ? file.Name.EndsWith(".meta", StringComparison.Ordinal) : Mains.Contains(file.Name));
            if (main >= 0)
                seeds.Add(new(files.Key, [contents[main], .. contents.Where((_, i) => i != main)]));
        }
        return seeds;
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    }
}
