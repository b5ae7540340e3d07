using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using TransformFramework.Engine.Files;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Jobs;

/// <summary>Submits to Slurm by its own programs.</summary>
/// <param name="options">Further options of sbatch.</param>
public sealed class SlurmEngine(ImmutableArray<string> options) : IJobEngine
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Files(JobPlan plan) => SlurmScripts.Of(plan, options).ToDictionary(script => $"{script.Name}.sbatch", script => script.Text, StringComparer.Ordinal);

    /// <inheritdoc/>
    public JobPlan Submit(JobPlan plan, Action<string> say, CancellationToken cancellation)
    {
        var jobs = new List<string>();
        foreach (SlurmScript script in SlurmScripts.Of(plan, options))
        {
            string path = Path.Combine(plan.Folder, $"{script.Name}.sbatch");
            AtomicFile.WriteText(path, script.Text);
            string id = Tool.Run("sbatch", jobs.Count == 0 ? ["--parsable", path] : ["--parsable", $"--dependency=afterok:{jobs[^1]}", path], cancellation).Trim().Split(';')[0];
            say($"{script.Name}: job {id}");
            jobs.Add(id);
            plan = plan with { Jobs = [.. jobs] };
            plan.Save();
        }
        say($"watch with: squeue --jobs={string.Join(',', jobs)}; transform_graph status {plan.Folder}");
        return plan;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<int, TaskState> States(JobPlan plan, CancellationToken cancellation) =>
        plan.Jobs.IsEmpty ? new Dictionary<int, TaskState>() : StatesIn(Tool.Run("squeue", ["--me", "--noheader", "--array", "--format=%F|%K|%T|%r"], cancellation), plan.Jobs);

    /// <summary>Reads lines of squeue: job, index in the array, state, reason. Of a task with several jobs in a row the first counts.</summary>
    internal static IReadOnlyDictionary<int, TaskState> StatesIn(string queue, ImmutableArray<string> jobs)
    {
        var states = new Dictionary<int, TaskState>();
        foreach (string[] line in queue.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('|', 4)).Where(line => line.Length == 4 && jobs.Contains(line[0].Trim())).OrderBy(line => jobs.IndexOf(line[0].Trim())))
            states.TryAdd(ShardNumber.Number(line[1].Trim()) ?? JobPlan.Merge, StateOf(line[2].Trim(), line[3].Trim()));
        return states;
    }

    private static TaskState StateOf(string state, string reason) => state is "PENDING" or "REQUEUED" or "REQUEUE_HOLD" or "SUSPENDED"
        ? new(TaskPhase.Waiting, reason is "" or "None" ? null : reason)
        : new(TaskPhase.Running, state is "RUNNING" ? null : state);

    /// <inheritdoc/>
    public void Cancel(JobPlan plan, CancellationToken cancellation)
    {
        if (!plan.Jobs.IsEmpty)
            Tool.Run("scancel", plan.Jobs, cancellation);
    }
}

/// <summary>Runs the programs of a scheduler.</summary>
internal static class Tool
{
    /// <summary>What a program prints.</summary>
    /// <exception cref="WorkException">It is not there, or fails.</exception>
    public static string Run(string program, IEnumerable<string> words, CancellationToken cancellation)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false })!;
            process.StandardInput.Close();
            Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
            string output = process.StandardOutput.ReadToEndAsync(cancellation).GetAwaiter().GetResult();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new WorkException(WorkflowsDiagnostics.SubmissionFailed.With($"{program} ends with {process.ExitCode}: {error.GetAwaiter().GetResult().Trim()}"));
        }
        catch (Win32Exception error)
        {
            throw new WorkException(WorkflowsDiagnostics.SubmissionFailed.With($"{program} does not start: {error.Message}") with { Suggestion = "Run it where the scheduler's programs are installed, or look at the files with --dry_run." });
        }
    }
}
