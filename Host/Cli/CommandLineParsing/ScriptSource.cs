using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Pipeline;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>Reads and parses scripts from the command line, a file, or standard input.</summary>
internal static class ScriptSource
{
    private const int MaxBytes = 1 << 20;

    /// <summary>The text of a script file; <c>-</c> is standard input.</summary>
    public static ScriptText ReadFile(string path, CancellationToken cancellation) => path.Length == 0
        ? throw CommandException.Usage("the path of the script is empty", "Give the path of a script, or - for standard input.")
        : Task.Run(() => ReadNow(path), CancellationToken.None).WaitAsync(cancellation).GetAwaiter().GetResult();

    private static ScriptText ReadNow(string path)
    {
        try
        {
            using Stream stream = path == "-" ? StandardInput.Open() : File.OpenRead(path);
            using var reader = new StreamReader(stream);
            char[] text = new char[MaxBytes + 1];
            int length = reader.ReadBlock(text, 0, text.Length);
            string name = path == "-" ? "standard input" : path;
            return text.AsSpan(0, length).ContainsAny('\0', '\uFFFD')
                ? throw CommandException.Usage($"'{name}' is not a script: it is not text in UTF-8", "A script is a list of transforms, such as: remove_device rename_op(old_op_name=A, new_op_name=B). A model is given with --in_graph.")
                : new(new string(text, 0, length), name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Usage, CliDiagnostics.UnreadableScript.With(path, Directory.Exists(path) ? "it is a directory" : error.Message) with { Suggestion = "Check the path; a relative one counts from the working directory, - reads standard input." });
        }
    }

    private static Script Parsed(ScriptText script, out ImmutableArray<Diagnostic> warnings)
    {
        try
        {
            return script.Parse(out warnings);
        }
        catch (ScriptException) when (Path.GetExtension(script.Name) is ".pbtxt" or ".gtxt" or ".json")
        {
            throw CommandException.Usage($"'{script.Name}' is a model, not a script", $"Give the model with {Shell.Option("--in_graph", script.Name)}; 'transform_graph summarize' says what it holds.");
        }
    }

    /// <summary>Parses a script; warnings go to stderr.</summary>
    public static Script Parse(ScriptText script, bool quiet)
    {
        Script parsed = Parsed(script, out var warnings);
        foreach (Diagnostic warning in warnings)
        {
            if (!quiet)
                Console.Error.WriteLine(DiagnosticRenderer.Render(warning, script.Text, script.Name));
        }
        return parsed;
    }
}
