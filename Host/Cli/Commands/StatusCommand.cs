using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Workflows.Jobs;
using TransformFramework.Workflows.Reports;

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
        bool isMerged = status.Plan is { } plan && File.Exists(plan.ResultPath) && new FileInfo(plan.ResultPath).Length > 0 && status.IsComplete;
        if (context.IsJson)
        {
            Console.Out.WriteLine(RunReport.Serialize(new
            {
                schema_version = 1,
                complete = status.IsComplete,
                merged = isMerged,
                jobs = status.Plan?.Jobs ?? [],
                steps = status.Steps.Select(step => new { step = step.Name, shards = step.Shards, done = step.Shards - step.Missing.Length, items = step.Items, bad_samples = step.Bad, missing = step.Missing }),
            }));
            return ExitCodes.Done;
        }
        foreach (StepStatus step in status.Steps)
            Console.Out.WriteLine($"{step.Name}: {step.Shards - step.Missing.Length} of {step.Shards} shards, {step.Items} items{ShardArguments.LeftOut(step.Bad)}{(step.Missing.IsEmpty ? "" : $"; missing: {string.Join(", ", step.Missing.Take(MostNamed))}{(step.Missing.Length > MostNamed ? ", …" : "")}")}");
        if (status.Plan is not null)
            Console.Out.WriteLine(isMerged ? $"merged: {status.Plan.ResultPath}" : "not merged yet");
        return ExitCodes.Done;
    }
}
