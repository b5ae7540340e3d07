using System.Diagnostics;

namespace TransformFramework.Fuzz.Processes;

/// <summary>How the program ended.</summary>
/// <param name="Code">Its exit code; above 128 where a signal ended it.</param>
/// <param name="Error">What it wrote to stderr.</param>
/// <param name="Output">What it wrote to stdout.</param>
internal sealed record ProgramEnd(int Code, string Error, string Output)
{
    private const int TimedOut = -1;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs the program in a folder, with variables of the environment set.</summary>
    public static ProgramEnd Of(string program, string folder, IEnumerable<string> arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (process.WaitForExit(Patience))
            return new(process.ExitCode, error.Result, output.Result);
        process.Kill();
        return new(TimedOut, error.Result, output.Result);
    }
}
