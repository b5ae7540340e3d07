using System.Globalization;

namespace TransformFramework.Workflows.Jobs;

/// <summary>What a task has printed, in the folder of the work.</summary>
/// <param name="Path">The file.</param>
public sealed record TaskLog(string Path)
{
    private const int MostBytes = 1 << 16;

    /// <summary>The log of a shard.</summary>
    public static TaskLog OfShard(JobPlan plan, int shard) => new(System.IO.Path.Combine(plan.LogFolder, string.Create(CultureInfo.InvariantCulture, $"{shard}.txt")));

    /// <summary>What the merge says of itself; its result is in another file.</summary>
    public static TaskLog OfMerge(JobPlan plan) => new(System.IO.Path.Combine(plan.LogFolder, "merge.txt"));

    /// <summary>Whether the task was started.</summary>
    public bool Exists => File.Exists(Path);

    /// <summary>The last error in it, else its last line; null when it has none.</summary>
    public string? LastWord()
    {
        try
        {
            string[] lines = [.. Tail().Select(line => line.Trim()).Where(line => line.Length > 0)];
            return lines.LastOrDefault(line => line.StartsWith("error", StringComparison.Ordinal) || line.Contains(": error:", StringComparison.Ordinal)) ?? lines.LastOrDefault();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string[] Tail()
    {
        if (!Exists)
            return [];
        using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = Math.Max(0, stream.Length - MostBytes);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n');
    }
}
