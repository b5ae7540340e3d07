using System.Diagnostics;
using System.Reflection;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Diagnostics.Tests;

/// <summary>Runs the commands of descriptors' examples as a shell does, each in a folder of its own.</summary>
internal static class ExampleRun
{
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(2);
    private static readonly string Program = typeof(ExampleRun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Program").Value!;

    /// <summary>What the examples of an assembly print, run once, as many at a time as there are processors: a run is a start of the program or two.</summary>
    private static readonly Dictionary<DescribedAssembly, Lazy<IReadOnlyDictionary<string, string>>> Outputs = DescribedAssemblies.All.ToDictionary(assembly => assembly, RunsOf);

    /// <summary>The diagnostic as the commands of its example print it; null when they do not.</summary>
    public static string? Reported(DiagnosticDescriptor descriptor)
    {
        string head = $"{descriptor.Severity.ToString().ToLowerInvariant()} {descriptor.Id}: ";
        string[] lines = [.. OutputOf(descriptor).Split('\n').SkipWhile(line => !line.StartsWith(head, StringComparison.Ordinal))];
        return lines.Length == 0 ? null : string.Join('\n', [lines[0], .. lines.Skip(1).TakeWhile(line => line.StartsWith(' '))]);
    }

    /// <summary>What the commands of an example print.</summary>
    public static string OutputOf(DiagnosticDescriptor descriptor) => Outputs[DescribedAssemblies.All.First(assembly => assembly.Descriptors.Any(entry => entry.Descriptor.Id == descriptor.Id))].Value[descriptor.Id];

    private static Lazy<IReadOnlyDictionary<string, string>> RunsOf(DescribedAssembly assembly) => new(() => assembly.Descriptors
        .Select(entry => entry.Descriptor)
        .Where(descriptor => descriptor.ExampleCommands.Length > 0)
        .AsParallel()
        .ToDictionary(descriptor => descriptor.Id, Run, StringComparer.Ordinal));

    private static string Run(DiagnosticDescriptor descriptor)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("diagnostic-");
        try
        {
            if (descriptor.ExampleGraph.Length > 0)
            {
                using FileStream file = File.Create(Path.Combine(folder.FullName, "graph.pb"));
                GraphDefWriter.Write(GraphText.Parse(descriptor.ExampleGraph), file);
            }
            return Run(descriptor.ExampleCommands, folder.FullName).Replace(folder.FullName + "/", "", StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Run(string commands, string folder)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec 2>&1\n" + commands.ReplaceLineEndings("\n")])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = Path.GetDirectoryName(Path.GetFullPath(Program)) + ":" + start.Environment["PATH"];
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("the shell did not start");
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(MostTime))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"does not end: {commands}");
        }
        return output.GetAwaiter().GetResult();
    }
}
