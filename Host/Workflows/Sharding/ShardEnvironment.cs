namespace TransformFramework.Workflows.Sharding;

/// <summary>Tells the shard by what schedulers give their tasks: Slurm, Kubernetes, Open MPI, Grid Engine, AWS Batch.</summary>
public static class ShardEnvironment
{
    private const string Auto = "auto";

    /// <summary>The shard that an option names.</summary>
    /// <param name="value"><c>I/N</c>; <c>auto</c> where the scheduler tells the number of tasks; <c>auto/N</c> where it does not, or where only some of N tasks run again.</param>
    /// <param name="variable">Gives variables of the environment.</param>
    /// <exception cref="WorkException">The value is none, or the environment does not say what is needed.</exception>
    public static ShardNumber Resolve(string value, Func<string, string?> variable)
    {
        if (value != Auto && !value.StartsWith(Auto + "/", StringComparison.Ordinal))
            return ShardNumber.Parse(value);
        int? given = value == Auto ? null : ShardNumber.Number(value[(Auto.Length + 1)..]) ?? ShardNumber.Parse(value).Count;
        Task task = Find(variable) ?? throw Unknown("no variable of a scheduler is set", "It is for tasks of an array of Slurm, Kubernetes, Open MPI, Grid Engine or AWS Batch; elsewhere write I/N.");
        int count = given ?? task.Count ?? throw Unknown($"{task.Variable} is set, and nothing says how many tasks there are", "Write auto/N with the number of tasks.");
        int index = task.Count == count ? task.Index - task.First : task.Index;
        return index >= 0 && index < count ? new(index, count) : throw Unknown($"{task.Variable} is {task.Index}, which is none of {count} tasks from {task.First}", "Write auto/N with the number of tasks of the whole array, whose indexes begin with 0.");
    }

    private static Task? Find(Func<string, string?> variable)
    {
        if (Number("SLURM_ARRAY_TASK_ID") is { } slurm)
            return new("SLURM_ARRAY_TASK_ID", slurm, Number("SLURM_ARRAY_TASK_COUNT"), Number("SLURM_ARRAY_TASK_MIN") ?? 0);
        if (Number("JOB_COMPLETION_INDEX") is { } kubernetes)
            return new("JOB_COMPLETION_INDEX", kubernetes, null, 0);
        if (Number("OMPI_COMM_WORLD_RANK") is { } rank)
            return new("OMPI_COMM_WORLD_RANK", rank, Number("OMPI_COMM_WORLD_SIZE"), 0);
        if (Number("SGE_TASK_ID") is { } engine)
            return new("SGE_TASK_ID", engine, 1 + Number("SGE_TASK_LAST") - (Number("SGE_TASK_FIRST") ?? 1), Number("SGE_TASK_FIRST") ?? 1);
        return Number("AWS_BATCH_JOB_ARRAY_INDEX") is { } batch ? new("AWS_BATCH_JOB_ARRAY_INDEX", batch, null, 0) : null;

        int? Number(string name) => ShardNumber.Number(variable(name));
    }

    private static WorkException Unknown(string message, string suggestion) => new(WorkflowsDiagnostics.BadShard.With($"the shard is unknown: {message}") with { Suggestion = suggestion });

    /// <summary>What a scheduler says of a task.</summary>
    /// <param name="Variable">Where it says so.</param>
    /// <param name="Index">The task's index.</param>
    /// <param name="Count">Number of tasks; null when it does not say.</param>
    /// <param name="First">Index of the first task.</param>
    private sealed record Task(string Variable, int Index, int? Count, int First);
}
