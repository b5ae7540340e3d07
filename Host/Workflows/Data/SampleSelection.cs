using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Data;

/// <summary>Which samples are read, and what becomes of broken ones.</summary>
public sealed record SampleSelection
{
    /// <summary>All samples; the first broken one is an error.</summary>
    public static SampleSelection All { get; } = new();

    /// <summary>The part of the samples that is read.</summary>
    public ShardNumber Shard { get; init; } = ShardNumber.All;

    /// <summary>Largest number of samples over all shards.</summary>
    public int Most { get; init; } = int.MaxValue;

    /// <summary>How many samples in a row stay together in one shard.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Counts broken samples; null lets the first one be an error.</summary>
    public BadSamples? Bad { get; init; }

    /// <summary>
    /// Whether whole files are dealt to shards, so that each reads only its own: there are enough of them, and neither a number of samples is asked for nor batches, which are counted over all files. Otherwise samples are dealt.
    /// </summary>
    /// <param name="files">Number of files.</param>
    internal bool DealsFiles(int files) => Most == int.MaxValue && Batch == 1 && files >= Shard.Count;
}
