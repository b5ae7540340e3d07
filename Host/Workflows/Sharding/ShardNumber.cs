using System.Globalization;

namespace TransformFramework.Workflows.Sharding;

/// <summary>Which part of independent work a process does: of items 0, 1, 2, … those whose index leaves the shard's as the remainder of a division by the number of shards.</summary>
/// <param name="Index">The shard, from 0.</param>
/// <param name="Count">Number of shards.</param>
public readonly record struct ShardNumber(int Index, int Count)
{
    /// <summary>More shards than schedulers take in one array.</summary>
    public const int MostShards = 1_000_000;

    /// <summary>All of the work.</summary>
    public static ShardNumber All { get; } = new(0, 1);

    /// <summary>Whether an item is this shard's.</summary>
    public bool Takes(long item) => item % Count == Index;

    /// <summary>Reads <c>I/N</c>.</summary>
    /// <exception cref="WorkException">The text is none, or the index is not below the number.</exception>
    public static ShardNumber Parse(string text) => text.Split('/') is [var index, var count] && Number(index) is { } i && Number(count) is { } n && i < n && n <= MostShards
        ? new(i, n)
        : throw new WorkException(WorkflowsDiagnostics.BadShard.With($"'{text}' is no shard") with { Suggestion = "Write I/N with I from 0 to N - 1, such as 0/8, or auto under a scheduler." });

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");

    internal static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
