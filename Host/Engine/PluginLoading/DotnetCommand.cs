using System.Diagnostics;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>The installed .NET SDK, run as a program of its own.</summary>
internal static class DotnetCommand
{
    /// <summary>Runs <c>dotnet</c> with arguments.</summary>
    /// <returns>The exit code, and what was written to stdout and stderr.</returns>
    /// <exception cref="PluginException">There is no such program.</exception>
    public static (int ExitCode, string Output) Run(IEnumerable<string> arguments, CancellationToken cancellation)
    {
        using Process process = Start(new("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false });
        using CancellationTokenRegistration end = cancellation.Register(() => Kill(process));
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        return (process.ExitCode, output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult());
    }

    private static Process Start(ProcessStartInfo start)
    {
        // A build server that is left behind would hold the streams open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["DOTNET_NOLOGO"] = "1";
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new PluginException(EngineDiagnostics.NoSdk.Id, EngineDiagnostics.NoSdk.Format(error.Message), error) { Suggestion = "Install the .NET SDK 10, which brings the program 'dotnet': https://dotnet.microsoft.com/download." };
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
