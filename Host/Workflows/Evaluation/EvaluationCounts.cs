using System.Text;

namespace TransformFramework.Workflows.Evaluation;

/// <summary>What an evaluation says in the end: counts and sums over images, in which neither their order nor a split into shards can be seen.</summary>
/// <param name="Images">Number of images.</param>
/// <param name="Top1">How often the class with the largest score is right.</param>
/// <param name="Top5">How often the right one is among the five largest.</param>
/// <param name="Reference">What a reference gets on the same images; null without one.</param>
public sealed record EvaluationCounts(int Images, int Top1, int Top5, ReferenceCounts? Reference)
{
    /// <summary>No images at all.</summary>
    public static EvaluationCounts None { get; } = new(0, 0, 0, null);

    /// <summary>The counts over the images of both.</summary>
    public EvaluationCounts With(EvaluationCounts other) => this == None ? other : new(Images + other.Images, Top1 + other.Top1, Top5 + other.Top5, other.Reference is { } counts ? Reference?.With(counts) : null);

    /// <summary>Writes the counts.</summary>
    public void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Images);
        writer.Write(Top1);
        writer.Write(Top5);
        writer.Write(Reference is not null);
        Reference?.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are something else.</exception>
    public static EvaluationCounts Read(byte[] content)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(content));
            return new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadBoolean() ? ReferenceCounts.Read(reader) : null);
        }
        catch (EndOfStreamException error)
        {
            throw new InvalidDataException("not the counts of an evaluation", error);
        }
    }
}

/// <summary>How a graph and a reference answer on the same images.</summary>
/// <param name="Top1">How often the reference is right.</param>
/// <param name="Same">How often both give the same answer.</param>
/// <param name="Noise">Signal to noise of the scores against the reference's; null when these are not the same classes.</param>
public sealed record ReferenceCounts(int Top1, int Same, SignalToNoise? Noise)
{
    /// <summary>The counts over the images of both.</summary>
    public ReferenceCounts With(ReferenceCounts other)
    {
        SignalToNoise? noise = null;
        if (Noise is not null && other.Noise is not null)
        {
            noise = new();
            noise.Merge(Noise);
            noise.Merge(other.Noise);
        }
        return new(Top1 + other.Top1, Same + other.Same, noise);
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Top1);
        writer.Write(Same);
        writer.Write(Noise is not null);
        Noise?.Write(writer);
    }

    internal static ReferenceCounts Read(BinaryReader reader) => new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadBoolean() ? SignalToNoise.Read(reader) : null);
}
