using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Workflows.Jobs;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Ends submitted work; the files of finished shards stay.</summary>
internal static class CancelCommand
{
    private static readonly Argument<string> Folder = new("folder") { Description = "The folder of the shards" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("cancel", "Ends submitted work; the files of finished shards stay, and the same submission goes on from there") { Folder };
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        string folder = context.RequiredPath(Folder);
        JobPlan plan = StatusCommand.PlanIn(folder);
        SubmitCommand.EngineOf(plan).Cancel(plan, context.Cancellation);
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, folder, jobs = plan.Jobs }));
        else
            context.Say($"cancelled: {string.Join(", ", plan.Jobs)}");
        return ExitCodes.Done;
    }
}
