using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Jobs;

/// <summary>Runs the shards as processes of this machine, as many at a time as it has processors, each on one of them.</summary>
public sealed class LocalEngine : IJobEngine
{
    private const int NotYet = 75;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Files(JobPlan plan) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["commands.sh"] = string.Concat(
            Enumerable.Range(1, plan.Steps.Length).SelectMany(_ => plan.Pending().Select(shard => ShellWords.Join([plan.Program, .. plan.ShardWords($"{shard}/{plan.Shards}")]) + "\n")).Append(ShellWords.Join([plan.Program, .. plan.MergeWords]) + "\n")),
    };

    /// <inheritdoc/>
    public JobPlan Submit(JobPlan plan, Action<string> say, CancellationToken cancellation)
    {
        plan = plan with { Jobs = [ProcessName.Of(Process.GetCurrentProcess())] };
        plan.Save();
        foreach (int shard in plan.Pending())
            File.Delete(TaskLog.OfShard(plan, shard).Path);
        File.Delete(TaskLog.OfMerge(plan).Path);
        for (int round = 1; round <= plan.Steps.Length; round++)
        {
            bool isLast = round == plan.Steps.Length;
            Parallel.For(0, plan.Shards, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation }, shard =>
            {
                TaskLog log = TaskLog.OfShard(plan, shard);
                int exit = Run(plan, plan.ShardWords($"{shard}/{plan.Shards}"), log.Path, log.Path, cancellation);
                if (exit != 0 && (isLast || exit != NotYet))
                    throw new WorkException(WorkflowsDiagnostics.SubmissionFailed.With($"shard {shard} of {plan.Shards} ends with {exit}: {LastWord(log)}") with { Suggestion = $"Look into '{log.Path}'; the same command again runs only what is missing." });
            });
            say($"{plan.Steps[round - 1]}: {plan.Shards} of {plan.Shards} shards");
        }
        TaskLog errors = TaskLog.OfMerge(plan);
        int merged = Run(plan, plan.MergeWords, plan.ResultPath, errors.Path, cancellation);
        return merged == 0 ? plan : throw new WorkException(WorkflowsDiagnostics.SubmissionFailed.With($"the merge ends with {merged}: {LastWord(errors)}") with { Suggestion = $"Look into '{plan.ResultPath}' and '{errors.Path}'." });
    }

    /// <summary>While the process lives that was given the work, a task without a log waits, and one whose log is empty runs: logs are written when tasks end.</summary>
    public IReadOnlyDictionary<int, TaskState> States(JobPlan plan, CancellationToken cancellation)
    {
        if (!plan.Jobs.Any(name => ProcessName.Find(name) is not null))
            return new Dictionary<int, TaskState>();
        return Enumerable.Range(0, plan.Shards).Select(shard => (Task: shard, Log: TaskLog.OfShard(plan, shard))).Append((Task: JobPlan.Merge, Log: TaskLog.OfMerge(plan)))
            .Where(task => !task.Log.Exists || new FileInfo(task.Log.Path).Length == 0)
            .ToDictionary(task => task.Task, task => new TaskState(task.Log.Exists ? TaskPhase.Running : TaskPhase.Waiting));
    }

    /// <inheritdoc/>
    public void Cancel(JobPlan plan, CancellationToken cancellation)
    {
        foreach (string name in plan.Jobs)
            ProcessName.Find(name)?.Kill(entireProcessTree: true);
    }

    private static int Run(JobPlan plan, ImmutableArray<string> words, string output, string errors, CancellationToken cancellation)
    {
        using var outputFile = new StreamWriter(output);
        StreamWriter errorFile = errors == output ? outputFile : new StreamWriter(errors);
        try
        {
            var start = new ProcessStartInfo(plan.Program, words) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = plan.WorkingDirectory };
            start.Environment["DOTNET_PROCESSOR_COUNT"] = "1";
            using Process process = Process.Start(start)!;
            using CancellationTokenRegistration ending = cancellation.Register(() => process.Kill(entireProcessTree: true));
            process.StandardInput.Close();
            Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            outputFile.Write(process.StandardOutput.ReadToEnd());
            errorFile.Write(error.GetAwaiter().GetResult());
            process.WaitForExit();
            cancellation.ThrowIfCancellationRequested();
            return process.ExitCode;
        }
        catch (Win32Exception error)
        {
            throw new WorkException(WorkflowsDiagnostics.SubmissionFailed.With($"{plan.Program} does not start: {error.Message}"));
        }
        finally
        {
            errorFile.Dispose();
        }
    }

    private static string LastWord(TaskLog log) => log.LastWord() ?? "it has printed nothing";
}

/// <summary>A process by its number and start, since numbers are used again. Processes tell each other's start with an error of milliseconds.</summary>
internal static class ProcessName
{
    private const long MostSeconds = 2;

    /// <summary>The name of a process.</summary>
    public static string Of(Process process) => string.Create(CultureInfo.InvariantCulture, $"{process.Id}@{StartOf(process)}");

    /// <summary>The process of a name; null when it has ended.</summary>
    public static Process? Find(string name)
    {
        try
        {
            string[] parts = name.Split('@');
            Process process = Process.GetProcessById(int.Parse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture));
            return Math.Abs(StartOf(process) - long.Parse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture)) <= MostSeconds ? process : null;
        }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Seconds since 1970.</summary>
    private static long StartOf(Process process) => new DateTimeOffset(process.StartTime).ToUnixTimeSeconds();
}
