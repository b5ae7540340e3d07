using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Workflows.Jobs;

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
        JobPlan plan = StatusCommand.PlanIn(context.RequiredPath(Folder));
        SubmitCommand.EngineOf(plan).Cancel(plan, context.Cancellation);
        context.Say($"cancelled: {string.Join(", ", plan.Jobs)}");
        return ExitCodes.Done;
    }
}
