using TransformFramework.Diagnostics;
using TransformFramework.Engine.Files;
using TransformFramework.Engine.Models;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>Checks before work starts that outputs can be written: a place that the file system refuses then is a mistake of the command line.</summary>
internal static class OutputPlace
{
    /// <summary>Checks a file.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public static void Check(string path) => Check(() => AtomicFile.CheckWritable(path));

    /// <summary>Checks the place and the options of a model.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    /// <exception cref="OutputFormatException">An option is unknown to the format, or has a value that it does not take.</exception>
    public static void Check(ModelOutput output) => Check(output.Check);

    private static void Check(Action check)
    {
        try
        {
            check();
        }
        catch (ModelFormatException refused) when (refused.DiagnosticId == ToolkitDiagnostics.Unwritable.Id)
        {
            throw new CommandException(ExitCodes.Usage, Diagnostic.Error(refused.DiagnosticId, refused.Message) with { Suggestion = refused.Suggestion });
        }
    }
}
