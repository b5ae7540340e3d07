using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Prints a script in its canonical form.</summary>
internal static class FormatCommand
{
    private static readonly Argument<string> ScriptFile = new("file") { Description = "A script file; - for standard input" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("fmt", "Formats a script") { ScriptFile };
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        ScriptText text = ScriptSource.ReadFile(context.Value(ScriptFile)!, context.Cancellation);
        string formatted = ScriptFormatter.Format(ScriptSource.Parse(text, context.IsQuiet));
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, script = formatted }));
        else
            Console.Out.Write(formatted);
        return ExitCodes.Done;
    }
}
