using System.CommandLine;
using System.CommandLine.Invocation;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>Prints the program's version.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    /// <summary>The version: three numbers.</summary>
    public static string Text => typeof(VersionAction).Assembly.GetName().Version!.ToString(fieldCount: 3);

    public override int Invoke(ParseResult parseResult)
    {
        Console.Out.WriteLine($"transform_graph {Text}");
        return ExitCodes.Done;
    }
}
