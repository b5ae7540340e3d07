using System.Collections.Immutable;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Jobs;

/// <summary>How far the work in a folder is, by the files that shards have left.</summary>
/// <param name="Steps">Step by step.</param>
/// <param name="Plan">What was submitted; null when shards were started by hand.</param>
public sealed record JobStatus(ImmutableArray<StepStatus> Steps, JobPlan? Plan)
{
    /// <summary>Whether no shard is missing.</summary>
    public bool IsComplete => !Steps.IsEmpty && Steps.All(step => step.Missing.IsEmpty);

    /// <summary>Looks into a folder.</summary>
    /// <exception cref="WorkException">A file is damaged.</exception>
    public static JobStatus Of(string folder)
    {
        var shards = new ShardFolder(folder);
        JobPlan? plan = JobPlan.Find(folder);
        var steps = plan?.Steps ?? shards.Steps();
        return new([.. steps.Select(step => StepStatus.Of(step, shards.Files(step), plan?.Shards))], plan);
    }
}

/// <summary>How far a step is.</summary>
/// <param name="Name">The step, such as <c>calibrate</c>.</param>
/// <param name="Shards">Number of shards.</param>
/// <param name="Items">Samples or candidates that are done.</param>
/// <param name="Bad">Broken samples that were left out.</param>
/// <param name="Missing">Indexes of the shards that are not there.</param>
public sealed record StepStatus(string Name, int Shards, long Items, int Bad, ImmutableArray<int> Missing)
{
    internal static StepStatus Of(string name, IReadOnlyList<ShardFile> files, int? shards)
    {
        int count = shards ?? files.Select(file => file.Header.Shards).DefaultIfEmpty(0).Max();
        return new(name, count, files.Sum(file => file.Header.Items), files.Sum(file => file.Header.Bad), [.. Enumerable.Range(0, count).Except(files.Select(file => file.Header.Shard))]);
    }
}
