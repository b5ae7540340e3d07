using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Diagnostics;
using TransformFramework.Workflows.Jobs;
using TransformFramework.Workflows.Reports;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Cli.Commands;

/// <summary>Says how far submitted work is, by what its shards have left.</summary>
internal static class StatusCommand
{
    private const int MostNamed = 10;
    private static readonly Argument<string> Folder = new("folder") { Description = "The folder of the shards" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("status", "Says how far submitted work is, by the files of its shards") { Folder };
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    /// <summary>What was submitted in a folder.</summary>
    internal static JobPlan PlanIn(string folder) => JobPlan.Find(folder) ?? throw CommandException.Usage($"nothing was submitted in '{folder}'", "Name the folder that 'submit' was given.");

    private static int Run(CommandContext context)
    {
        string folder = context.RequiredPath(Folder);
        JobStatus status = JobStatus.Of(folder);
        if (status.Steps.IsEmpty)
            throw CommandException.Usage($"'{folder}' has no shards", "Name the folder that 'submit', or --folder, was given.");
        status = WithTasks(context, status);
        if (context.IsJson)
            PrintJson(status);
        else
            Print(status, folder);
        return ExitCodes.Done;
    }

    private static JobStatus WithTasks(CommandContext context, JobStatus status)
    {
        try
        {
            return status.Plan is { } plan ? status.WithTasks(SubmitCommand.EngineOf(plan), context.Cancellation) : status;
        }
        catch (WorkException unreachable)
        {
            context.Say([unreachable.Diagnostic with { Severity = Severity.Warning, Suggestion = "Ask where the work was submitted; files of shards are seen from everywhere." }]);
            return status;
        }
    }

    private static void PrintJson(JobStatus status) => Console.Out.WriteLine(RunReport.Serialize(new
    {
        schema_version = 1,
        complete = status.IsComplete,
        merged = status.IsMerged,
        jobs = status.Plan?.Jobs ?? [],
        steps = status.Steps.Select(step => new { step = step.Name, shards = step.Shards, done = step.Shards - step.Missing.Length, items = step.Items, bad_samples = step.Bad, missing = step.Missing }),
        tasks = status.Tasks.Select(task => new { shard = task.Key == JobPlan.Merge ? (int?)null : task.Key, state = NameOf(task.Value.Phase), reason = task.Value.Reason }),
    }));

    private static void Print(JobStatus status, string folder)
    {
        foreach (StepStatus step in status.Steps)
            Console.Out.WriteLine($"{step.Name}: {step.Shards - step.Missing.Length} of {step.Shards} shards, {step.Items} items{ShardArguments.LeftOut(step.Bad)}{(step.Missing.IsEmpty ? "" : $"; missing: {Named(step.Missing)}")}");
        var shards = status.Tasks.Where(task => task.Key != JobPlan.Merge).ToLookup(task => task.Value.Phase);
        foreach (TaskPhase phase in (TaskPhase[])[TaskPhase.Running, TaskPhase.Waiting])
        {
            if (shards.Contains(phase))
                Console.Out.WriteLine($"{NameOf(phase)}: {Named([.. shards[phase].Select(task => task.Key)])}{(shards[phase].Select(task => task.Value.Reason).FirstOrDefault(reason => reason is not null) is { } reason ? $" ({reason})" : "")}");
        }
        foreach (var (shard, state) in shards[TaskPhase.Failed].Take(MostNamed))
            Console.Out.WriteLine($"failed: {shard}: {state.Reason ?? "it has printed nothing"}{LogOf(TaskLog.OfShard(status.Plan!, shard))}");
        if (status.Plan is { } plan)
            Console.Out.WriteLine(status.IsMerged ? $"merged: {plan.ResultPath}" : MergeLine(status, plan));
        if (Advice(status, folder) is { } advice)
            Console.Out.WriteLine(advice);
    }

    private static string MergeLine(JobStatus status, JobPlan plan) => status.Tasks.GetValueOrDefault(JobPlan.Merge) switch
    {
        { Phase: TaskPhase.Failed } failed => $"the merge failed: {failed.Reason ?? "it has printed nothing"}{LogOf(TaskLog.OfMerge(plan))}",
        { Phase: TaskPhase.Running } => "the merge runs",
        { Phase: TaskPhase.Waiting } waiting => $"not merged yet: the merge waits{(waiting.Reason is null ? "" : $" ({waiting.Reason})")}",
        _ => "not merged yet",
    };

    /// <summary>What to do where nothing goes on by itself.</summary>
    private static string? Advice(JobStatus status, string folder)
    {
        if (status.Plan is null)
            return status.IsComplete ? $"All shards are there: the same command with --merge={folder} gives the result." : "Run the shards that are missing by the same command with their --shard.";
        bool goesOn = status.Tasks.Values.Any(task => task.Phase is TaskPhase.Running or TaskPhase.Waiting);
        bool hasFailed = status.Tasks.Values.Any(task => task.Phase == TaskPhase.Failed);
        if (status.IsMerged || (goesOn && !hasFailed) || status.Tasks.IsEmpty)
            return null;
        return $"{(hasFailed ? "Mend what failed; then the" : "Nothing runs. The")} same 'submit' command runs only what is missing{(goesOn ? $", after 'cancel {folder}' or when the rest has ended" : "")}.";
    }

    private static string Named(IReadOnlyCollection<int> shards) => string.Join(", ", shards.Take(MostNamed)) + (shards.Count > MostNamed ? ", …" : "");

    private static string LogOf(TaskLog log) => log.Exists ? $" (see {log.Path})" : "";

    private static string NameOf(TaskPhase phase) => phase switch
    {
        TaskPhase.NotStarted => "not_started",
        TaskPhase.Waiting => "waiting",
        TaskPhase.Running => "running",
        _ => "failed",
    };
}
