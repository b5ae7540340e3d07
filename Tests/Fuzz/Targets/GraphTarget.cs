using System.IO.Compression;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Fuzz.Targets;

/// <summary>Binary GraphDefs, which are read and then used.</summary>
internal abstract class GraphTarget : FuzzTarget
{
    private const int LargestSeed = 16 << 10;

    public override IReadOnlyList<IModelSourceReader> Readers => [];

    public override IReadOnlyList<Seed> Seeds { get; } = [.. ReadSeeds()];

    public override Seed Mutate(Seed seed, Random random)
    {
        byte[] bytes = seed.Files[0].Bytes;
        for (int count = random.Next(0, 4); count > 0; count--)
            bytes = random.Next(8) == 0 ? ByteMutation.Apply(bytes, random) : MessageMutation.Change(bytes, random);
        return seed.With(0, bytes);
    }

    public override FuzzOutcome Read(Seed seed, CancellationToken cancellation)
    {
        Graph graph;
        try
        {
            graph = GraphDefReader.Read(seed.Files[0].Bytes);
        }
        catch (ModelFormatException)
        {
            return FuzzOutcome.Unrecognized;
        }
        Use(graph, cancellation);
        return FuzzOutcome.Read;
    }

    /// <summary>Does with a graph what is to be tried. Every exception that comes out is a finding.</summary>
    protected abstract void Use(Graph graph, CancellationToken cancellation);

    /// <summary>The small graphs of the packed cases, and those that were findings.</summary>
    public static IEnumerable<Seed> ReadSeeds() => [.. ReadSeeds("cases.zip"), .. ReadSeeds("graphs.zip")];

    private static IEnumerable<Seed> ReadSeeds(string archiveName)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "Seeds", archiveName));
        foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => entry.Name.EndsWith(".pb", StringComparison.Ordinal) && entry.Length is > 0 and <= LargestSeed))
        {
            using Stream stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            yield return new(entry.FullName.Replace('/', '-'), [(entry.Name, content.ToArray())]);
        }
    }
}
