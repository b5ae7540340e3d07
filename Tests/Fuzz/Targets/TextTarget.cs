using System.Text;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Text;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Fuzz.Targets;

/// <summary>Graphs as text, in protobuf's form and in the compact one: read, printed, and read again.</summary>
internal sealed class TextTarget : FuzzTarget
{
    private const int LongestSeed = 4 << 10;
    private const string Compact = "gtxt";

    public override string Name => "text";

    public override IReadOnlyList<IModelSourceReader> Readers => [];

    public override IReadOnlyList<Seed> Seeds { get; } = [.. GraphTarget.ReadSeeds().SelectMany(Forms).Where(seed => seed.Files[0].Bytes.Length <= LongestSeed)];

    public override Seed Mutate(Seed seed, Random random) =>
        random.Next(4) == 0 ? base.Mutate(seed, random) : seed.With(0, Encoding.UTF8.GetBytes(TextMutation.Apply(Encoding.UTF8.GetString(seed.Files[0].Bytes), random)));

    public override FuzzOutcome Read(Seed seed, CancellationToken cancellation)
    {
        bool isCompact = seed.Name.EndsWith(Compact, StringComparison.Ordinal);
        try
        {
            byte[] once = Print(Parse(seed.Files[0].Bytes, isCompact), isCompact);
            byte[] twice = Print(Parse(once, isCompact), isCompact);
            return once.AsSpan().SequenceEqual(twice) ? FuzzOutcome.Read : throw new InvalidOperationException("the graph that was printed reads otherwise");
        }
        catch (Exception refusal) when (refusal is ModelFormatException or GraphTextException)
        {
            return FuzzOutcome.Recognized;
        }
    }

    private static Graph Parse(byte[] text, bool isCompact) => isCompact ? GraphText.Parse(Encoding.UTF8.GetString(text)) : GraphTextFormat.Read(text);

    private static byte[] Print(Graph graph, bool isCompact)
    {
        if (isCompact)
            return Encoding.UTF8.GetBytes(GraphText.Print(graph));
        using var written = new MemoryStream();
        GraphTextFormat.Write(graph, written);
        return written.ToArray();
    }

    private static IEnumerable<Seed> Forms(Seed seed)
    {
        try
        {
            Graph graph = GraphDefReader.Read(seed.Files[0].Bytes);
            return [new($"{seed.Name}.pbtxt", [("x.pbtxt", Print(graph, isCompact: false))]), new($"{seed.Name}.{Compact}", [("x.gtxt", Print(graph, isCompact: true))])];
        }
        catch (ModelFormatException)
        {
            return [];
        }
    }
}
