using TransformFramework.Diagnostics;
using TransformFramework.Engine.Pipeline;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>Ends a command with a message and an exit code.</summary>
internal sealed class CommandException(int exitCode, Diagnostic diagnostic) : Exception(diagnostic.Message)
{
    public int ExitCode { get; } = exitCode;

    public Diagnostic Diagnostic { get; } = diagnostic;

    /// <summary>The script that the diagnostic's place refers to.</summary>
    public ScriptText? Script { get; init; }

    public static CommandException Usage(string message, string? suggestion = null) =>
        new(ExitCodes.Usage, CliDiagnostics.Usage.With(message) with { Suggestion = suggestion });
}
