using System.CommandLine;
using System.CommandLine.Invocation;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>Prints the program's version.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        Console.Out.WriteLine($"transform_graph {typeof(VersionAction).Assembly.GetName().Version!.ToString(fieldCount: 3)}");
        return ExitCodes.Done;
    }
}
