using System.Collections.Immutable;
using System.Diagnostics;

namespace TransformFramework.Workflows.Reduction;

/// <summary>
/// The fault that a command does not end with 0. In its words <c>{graph}</c>, <c>{reference}</c> and <c>{feeds}</c> are files of the case, <c>{output}</c> is the output.
/// </summary>
/// <param name="words">Program and arguments; at least one.</param>
/// <param name="limit">Time after which the command is ended, which counts as a fault.</param>
/// <param name="cancellation">Ends the command.</param>
public sealed class CommandFault(ImmutableArray<string> words, TimeSpan limit, CancellationToken cancellation)
{
    private const int MostLine = 500;

    /// <summary>How often a command is run on a case before it counts as good, for faults that show now and then.</summary>
    public int Tries { get; init; } = 1;

    /// <summary>The last line that a failing command wrote to its error stream; null while none did.</summary>
    public string? LastError { get; private set; }

    /// <summary>Whether a case shows the fault in one of the tries.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The command does not start.</exception>
    public bool IsShownBy(ReducedCase tried) => Count(tried, Tries, isEnough: 1) > 0;

    /// <summary>How many of some runs show the fault.</summary>
    public int CountIn(ReducedCase tried, int runs) => Count(tried, runs, isEnough: runs);

    private int Count(ReducedCase tried, int runs, int isEnough)
    {
        string folder = Directory.CreateTempSubdirectory("transform_graph").FullName;
        try
        {
            tried.Write(folder, cancellation);
            string[] filled = [.. words.Select(word => word.Replace("{graph}", Path.Combine(folder, "graph.pb"), StringComparison.Ordinal).Replace("{reference}", Path.Combine(folder, "reference.pb"), StringComparison.Ordinal).Replace("{feeds}", Path.Combine(folder, "feeds.npz"), StringComparison.Ordinal).Replace("{output}", tried.Output, StringComparison.Ordinal))];
            int shown = 0;
            for (int run = 0; run < runs && shown < isEnough; run++)
                shown += Fails(filled) ? 1 : 0;
            return shown;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private bool Fails(string[] filled)
    {
        using Process process = Process.Start(new ProcessStartInfo(filled[0], filled[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        using CancellationTokenRegistration ending = cancellation.Register(() => process.Kill(entireProcessTree: true));
        process.StandardInput.Close();
        string? error = null;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => error = string.IsNullOrWhiteSpace(line.Data) ? error : line.Data[..Math.Min(line.Data.Length, MostLine)];
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        bool hasEnded = process.WaitForExit(limit);
        if (!hasEnded)
            process.Kill(entireProcessTree: true);
        else
            process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        bool fails = !hasEnded || process.ExitCode != 0;
        LastError = fails ? error ?? LastError : LastError;
        return fails;
    }
}
