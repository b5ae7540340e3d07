using TransformFramework.Keras.Tests;
using TransformFramework.ModelFiles;

namespace TransformFramework.Fuzz;

/// <summary>A file that a mutation begins with.</summary>
/// <param name="Name">Its name, for reports.</param>
/// <param name="Files">Name and bytes of the main file and of those beside it.</param>
internal sealed record Seed(string Name, IReadOnlyList<(string Name, byte[] Bytes)> Files)
{
    /// <summary>The seed with another content of one file.</summary>
    public Seed With(int index, byte[] bytes) => this with { Files = [.. Files.Select((file, i) => i == index ? (file.Name, bytes) : file)] };
}

/// <summary>What became of a damaged file that was not refused with another exception than the format's own.</summary>
internal enum FuzzOutcome
{
    /// <summary>It was not taken for a file of the format.</summary>
    Unrecognized,

    /// <summary>It was taken for one and refused.</summary>
    Recognized,

    /// <summary>It was read.</summary>
    Read,
}

/// <summary>A format whose reader is given damaged files.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Name of the format on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>The readers, of which the first that recognizes a source reads it.</summary>
    public abstract IReadOnlyList<IModelSourceReader> Readers { get; }

    /// <summary>Bytes that a file may take beside a multiple of its own size.</summary>
    public virtual long MemoryFloor => 200L << 20;

    /// <summary>Well-formed files.</summary>
    public abstract IReadOnlyList<Seed> Seeds { get; }

    /// <summary>Gives a file to the format's reader. Every exception that comes out is a finding.</summary>
    public virtual FuzzOutcome Read(Seed seed, CancellationToken cancellation)
    {
        using var source = new MemorySource([.. seed.Files]);
        IModelSourceReader? reader = Readers.FirstOrDefault(reader => reader.Recognizes(source));
        if (reader is null)
            return FuzzOutcome.Unrecognized;
        string name = seed.Files[0].Name;
        try
        {
            reader.Read(source, ModelReadOptions.Default, cancellation);
            return FuzzOutcome.Read;
        }
        catch (ModelFormatException refusal) when (refusal.Message.Contains(name, StringComparison.Ordinal) && refusal.Message.Length > name.Length + 4)
        {
            return FuzzOutcome.Recognized;
        }
    }

    /// <summary>Damages a seed in a way that the format's structure suggests.</summary>
    public virtual Seed Mutate(Seed seed, Random random)
    {
        int index = random.Next(4) == 0 ? random.Next(seed.Files.Count) : 0;
        return seed.With(index, ByteMutation.Apply(seed.Files[index].Bytes, random));
    }
}
