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

    /// <summary>Whether the merge has printed its result.</summary>
    public bool IsMerged => IsComplete && Plan is { } plan && File.Exists(plan.ResultPath) && new FileInfo(plan.ResultPath).Length > 0;

    /// <summary>What is known of the tasks that have left no result: shards by their index, the merge by <see cref="JobPlan.Merge"/>.</summary>
    public ImmutableSortedDictionary<int, TaskState> Tasks { get; init; } = ImmutableSortedDictionary<int, TaskState>.Empty;

    /// <summary>Looks into a folder.</summary>
    /// <exception cref="WorkException">A file is damaged.</exception>
    public static JobStatus Of(string folder)
    {
        var shards = new ShardFolder(folder);
        JobPlan? plan = JobPlan.Find(folder);
        var steps = plan?.Steps ?? shards.Steps();
        return new([.. steps.Select(step => StepStatus.Of(step, shards.Files(step), plan?.Shards))], plan);
    }

    /// <summary>The same with the states of tasks, by what runs them and by what they have printed.</summary>
    /// <param name="engine">Has run the plan.</param>
    /// <param name="cancellation">Ends the question.</param>
    /// <exception cref="WorkException">The scheduler cannot be asked from this machine.</exception>
    public JobStatus WithTasks(IJobEngine engine, CancellationToken cancellation)
    {
        if (Plan is not { } plan || IsMerged)
            return this;
        var known = engine.States(plan, cancellation);
        var missing = Steps.SelectMany(step => step.Missing).Distinct().Select(shard => KeyValuePair.Create(shard, known.GetValueOrDefault(shard) ?? StateBy(TaskLog.OfShard(plan, shard))));
        TaskState merge = known.GetValueOrDefault(JobPlan.Merge) ?? (IsComplete ? StateBy(TaskLog.OfMerge(plan)) : new(TaskPhase.NotStarted));
        return this with { Tasks = missing.Append(KeyValuePair.Create(JobPlan.Merge, merge)).ToImmutableSortedDictionary() };
    }

    /// <summary>The state of a task that nothing runs any more.</summary>
    private static TaskState StateBy(TaskLog log) => log.Exists ? new(TaskPhase.Failed, log.LastWord()) : new(TaskPhase.NotStarted);
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
