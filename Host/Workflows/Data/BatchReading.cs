using System.Collections.Immutable;

namespace TransformFramework.Workflows.Data;

/// <summary>What reading a batch gave.</summary>
/// <param name="Batch">The images that could be read; null for none.</param>
/// <param name="Broken">The others, and why.</param>
internal sealed record BatchReading(LabelledBatch? Batch, ImmutableArray<(string Name, FeedException Error)> Broken)
{
    /// <summary>Reads a batch as a whole.</summary>
    public static BatchReading Of(string name, Func<LabelledBatch> read)
    {
        try
        {
            return new(read(), []);
        }
        catch (FeedException error)
        {
            return new(null, [(name, error)]);
        }
    }

    /// <summary>Batches in a row as one.</summary>
    public static BatchReading Join(IReadOnlyList<BatchReading> parts)
    {
        LabelledBatch[] batches = [.. parts.Where(part => part.Batch is not null).Select(part => part.Batch!)];
        return new(batches.Length == 0 ? null : LabelledBatch.Join(batches), [.. parts.SelectMany(part => part.Broken)]);
    }
}
