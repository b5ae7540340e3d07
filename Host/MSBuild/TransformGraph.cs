using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Build.Framework;
using Task = Microsoft.Build.Utilities.Task;

namespace TransformFramework.MSBuild;

/// <summary>The MSBuild task that runs a script over a model by the program <c>transform_graph</c>; errors and warnings carry file, line and column of the script.</summary>
public sealed class TransformGraph : Task, ICancelableTask, IDisposable
{
    private readonly CancellationTokenSource cancelled = new();

    /// <summary>The program: an executable, or a .dll that <c>dotnet</c> runs.</summary>
    [Required]
    public string Tool { get; set; } = "";

    /// <summary>The model to read.</summary>
    [Required]
    public string Model { get; set; } = "";

    /// <summary>The file of the script.</summary>
    [Required]
    public string Script { get; set; } = "";

    /// <summary>The model to write.</summary>
    [Required]
    public string Output { get; set; } = "";

    /// <summary>Names of the inputs, separated by commas; the model's without it.</summary>
    public string Inputs { get; set; } = "";

    /// <summary>Names of the outputs, separated by commas; the model's without it.</summary>
    public string Outputs { get; set; } = "";

    /// <summary>Runs the program.</summary>
    public override bool Execute()
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(Output)) is { Length: > 0 } folder)
                Directory.CreateDirectory(folder);
            using Process process = Process.Start(StartInfo())!;
            using var end = cancelled.Token.Register(() => process.Kill(entireProcessTree: true));
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Report(output, error.GetAwaiter().GetResult(), process.ExitCode);
        }
        catch (Exception error) when (error is Win32Exception or IOException or UnauthorizedAccessException)
        {
            Log.LogError($"'{Tool}' cannot be run: {error.Message}");
        }
        return !Log.HasLoggedErrors;
    }

    /// <summary>Ends the program.</summary>
    public void Cancel() => cancelled.Cancel();

    /// <summary>Frees what cancelling needs.</summary>
    public void Dispose() => cancelled.Dispose();

    private ProcessStartInfo StartInfo()
    {
        bool isAssembly = Tool.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        string[] arguments = [.. isAssembly ? [Tool] : Array.Empty<string>(), $"--in_graph={Model}", $"--out_graph={Output}", $"--transforms_file={Script}", .. Named("inputs", Inputs), .. Named("outputs", Outputs), "--json", "--progress=off"];
        return new ProcessStartInfo(isAssembly ? Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet" : Tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
    }

    private static string[] Named(string option, string names) => names.Length == 0 ? [] : [$"--{option}={names}"];

    private void Report(string output, string error, int exitCode)
    {
        try
        {
            using JsonDocument report = JsonDocument.Parse(output);
            if (report.RootElement.TryGetProperty("error", out JsonElement failure))
                Show(failure, isError: true);
            foreach (JsonElement warning in Warnings(report.RootElement))
                Show(warning, isError: false);
        }
        catch (JsonException) when (exitCode != 0)
        {
        }
        if (exitCode != 0 && !Log.HasLoggedErrors)
            Log.LogError(subcategory: null, errorCode: null, helpKeyword: null, Script, 0, 0, 0, 0, $"transform_graph ended with {exitCode}: {error.Trim()}");
    }

    private static IEnumerable<JsonElement> Warnings(JsonElement report)
    {
        IEnumerable<JsonElement> steps = report.TryGetProperty("steps", out JsonElement list) ? list.EnumerateArray().SelectMany(step => step.GetProperty("diagnostics").EnumerateArray()) : [];
        IEnumerable<JsonElement> others = report.TryGetProperty("diagnostics", out JsonElement more) ? more.EnumerateArray() : [];
        return others.Concat(steps).Where(diagnostic => diagnostic.GetProperty("severity").GetString() == "warning");
    }

    private void Show(JsonElement diagnostic, bool isError)
    {
        string id = diagnostic.GetProperty("id").GetString() ?? "";
        string suggestion = diagnostic.GetProperty("suggestion").GetString() is { } next ? " " + next : "";
        string message = diagnostic.GetProperty("message").GetString() + suggestion;
        bool hasPlace = diagnostic.GetProperty("line").ValueKind == JsonValueKind.Number;
        string file = hasPlace ? Script : Model;
        int line = hasPlace ? diagnostic.GetProperty("line").GetInt32() : 0;
        int column = hasPlace ? diagnostic.GetProperty("column").GetInt32() : 0;
        if (isError)
            Log.LogError(subcategory: null, id, helpKeyword: null, file, line, column, 0, 0, "{0}", message);
        else
            Log.LogWarning(subcategory: null, id, helpKeyword: null, file, line, column, 0, 0, "{0}", message);
    }
}
