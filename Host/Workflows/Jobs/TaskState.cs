namespace TransformFramework.Workflows.Jobs;

/// <summary>What is to be said of a shard or merge that has left no result.</summary>
public enum TaskPhase
{
    /// <summary>Nothing was started, or what started it has ended.</summary>
    NotStarted,

    /// <summary>It waits for its turn.</summary>
    Waiting,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It has ended without a result.</summary>
    Failed,
}

/// <summary>What is known of a task.</summary>
/// <param name="Phase">Where it is.</param>
/// <param name="Reason">Why it waits or has failed; null when that is not known.</param>
public sealed record TaskState(TaskPhase Phase, string? Reason = null);
