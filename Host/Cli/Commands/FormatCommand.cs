using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Pipeline;

namespace TransformFramework.Cli.Commands;

/// <summary>Prints a script in its canonical form.</summary>
internal static class FormatCommand
{
    private static readonly Argument<string> ScriptFile = new("file") { Description = "A script file; - for standard input" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("fmt", "Formats a script") { ScriptFile };
        command.SetAction(parsed => Run(parsed, cancellation));
        return command;
    }

    private static int Run(System.CommandLine.ParseResult parsed, CancellationToken cancellation)
    {
        ScriptText text = ScriptSource.ReadFile(parsed.GetValue(ScriptFile)!, cancellation);
        Console.Out.Write(ScriptFormatter.Format(ScriptSource.Parse(text, parsed.Has(CommonOptions.Quiet))));
        return ExitCodes.Done;
    }
}
