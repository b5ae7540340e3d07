using System.Diagnostics;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>What a program left.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Error);

/// <summary>Runs programs as a shell does. What the host writes with --json must be as its schema says.</summary>
internal sealed class ProgramRunner
{
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(10);

    /// <summary>The program; the host as built without it.</summary>
    public string Program { get; init; } = Repository.Program;

    public string WorkingDirectory { get; init; } = Repository.Root;

    /// <summary>What the program reads from standard input.</summary>
    public string Input { get; init; } = "";

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Runs the host program with its defaults.</summary>
    public static ProgramResult Run(params string[] arguments) => new ProgramRunner().Start(arguments);

    public ProgramResult Start(params string[] arguments)
    {
        using Process process = Launch(arguments);
        ProgramResult result = End(process);
        if (Program == Repository.Program)
            OutputSchema.Check(arguments, result);
        return result;
    }

    /// <summary>Starts the program without waiting for it.</summary>
    public Process Launch(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            WorkingDirectory = WorkingDirectory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A build server that is left behind would hold the streams open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{Program} did not start");
        process.StandardInput.Write(Input);
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Waits for the end of a program.</summary>
    public static ProgramResult End(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(MostTime))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} does not end");
        }
        return new(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}
