namespace TransformFramework.Workflows.Jobs;

/// <summary>Has shards and their merge run by something else.</summary>
public interface IJobEngine
{
    /// <summary>The files that are given to the scheduler, by name.</summary>
    IReadOnlyDictionary<string, string> Files(JobPlan plan);

    /// <summary>Submits what is missing of the work.</summary>
    /// <param name="plan">The work, whose folder exists.</param>
    /// <param name="say">Receives lines for people.</param>
    /// <param name="cancellation">Ends the submission.</param>
    /// <returns>The plan with the ids of its jobs.</returns>
    /// <exception cref="Sharding.WorkException">The scheduler refuses.</exception>
    JobPlan Submit(JobPlan plan, Action<string> say, CancellationToken cancellation);

    /// <summary>The tasks that wait or run, and why others have failed where that is known.</summary>
    /// <param name="plan">The work, as it was submitted.</param>
    /// <param name="cancellation">Ends the question.</param>
    /// <returns>States by shard, of the merge by <see cref="JobPlan.Merge"/>; what is not there is over or was never started.</returns>
    /// <exception cref="Sharding.WorkException">The scheduler cannot be asked from this machine.</exception>
    IReadOnlyDictionary<int, TaskState> States(JobPlan plan, CancellationToken cancellation);

    /// <summary>Ends what was submitted and still runs.</summary>
    void Cancel(JobPlan plan, CancellationToken cancellation);
}
