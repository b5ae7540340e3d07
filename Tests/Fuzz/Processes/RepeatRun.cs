using System.Security.Cryptography;
using System.Text.Json;

namespace TransformFramework.Fuzz.Processes;

/// <summary>Runs every command that writes a file twice, and with 1 and with 8 threads: the bytes must be the same.</summary>
/// <param name="program">The program.</param>
/// <param name="models">Folder of frozen graphs (<c>.pb</c>).</param>
internal sealed class RepeatRun(string program, string models)
{
    private const string Threads = "DOTNET_PROCESSOR_COUNT";

    private static readonly (string Name, string[] Arguments)[] Commands =
    [
        ("calibrate", ["calibrate", "--in_graph={in}", "--data={data}", "--out=out.ranges"]),
        ("calibrate by entropy", ["calibrate", "--in_graph={in}", "--data={data}", "--out=out.ranges", "--method=entropy"]),
        ("quantize", ["quantize", "--in_graph={in}", "--data={data}", "--out_graph=out.pb"]),
        ("quantize by gptq", ["quantize", "--in_graph={in}", "--data={data}", "--out_graph=out.pb", "--rounding=gptq", "--method=percentile"]),
        ("run", ["run", "--in_graph={in}", "--save=out.npz"]),
        ("convert to onnx", ["convert", "--in_graph={in}", "--out=out.onnx"]),
        ("convert to tflite", ["convert", "--in_graph={in}", "--out=out.tflite"]),
        ("convert to savedmodel", ["convert", "--in_graph={in}", "--out=out/"]),
        ("convert to text", ["convert", "--in_graph={in}", "--out=out.pbtxt"]),
    ];

    /// <summary>Prints a line a command with the models that it was compared on, and gives whether all files were the same.</summary>
    /// <param name="chosen">Names of the commands and transforms, or none for all.</param>
    public bool Run(IReadOnlyCollection<string> chosen)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fuzz-repeat");
        try
        {
            string[] graphs = [.. Directory.EnumerateFiles(models, "*.pb", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
            bool areSame = true;
            foreach (var (name, arguments) in Commands.Concat(Transforms()).Where(command => chosen.Count == 0 || chosen.Contains(command.Name)))
                areSame &= Compare(name, arguments, graphs, folder.FullName);
            return areSame;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private IEnumerable<(string Name, string[] Arguments)> Transforms()
    {
        using JsonDocument listed = JsonDocument.Parse(ProgramEnd.Of(program, Environment.CurrentDirectory, ["list", "--format=json"]).Output);
        return [.. listed.RootElement.GetProperty("transforms").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!)
            .Select(name => (name, new[] { "--in_graph={in}", "--out_graph=out.pb", "--outputs={outputs}", $"--transforms={name}" }))];
    }

    private bool Compare(string name, string[] arguments, string[] graphs, string folder)
    {
        int same = 0;
        int refused = 0;
        bool areSame = true;
        foreach (string graph in graphs)
        {
            string outputs = ModelSamples.Outputs(graph);
            string data = Path.Combine(folder, "data.npz");
            if (!ModelSamples.TryWrite(graph, data) && arguments.Contains("--data={data}"))
                continue;
            string[] filled = [.. arguments.Select(argument => argument.Replace("{in}", graph, StringComparison.Ordinal).Replace("{data}", data, StringComparison.Ordinal).Replace("{outputs}", outputs, StringComparison.Ordinal)), "--quiet"];
            string first = Written(folder, filled, "2");
            string[] others = first.Length == 0 ? [] : [Written(folder, filled, "2"), Written(folder, filled, "1"), Written(folder, filled, "8")];
            refused += first.Length == 0 ? 1 : 0;
            if (others.All(other => other == first))
            {
                same += first.Length == 0 ? 0 : 1;
                continue;
            }
            areSame = false;
            Console.WriteLine($"{name} of {graph} differs: twice {others[0] == first}, one thread {others[1] == first}, eight {others[2] == first}");
        }
        Console.WriteLine($"{name,-36} {same} models the same, {refused} refused");
        return areSame;
    }

    /// <summary>Names and hashes of what a command writes, empty when it fails.</summary>
    private string Written(string folder, string[] arguments, string threads)
    {
        string place = Directory.CreateDirectory(Path.Combine(folder, "place")).FullName;
        ProgramEnd end = ProgramEnd.Of(program, place, arguments, (Threads, threads));
        string written = string.Join('\n', Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => $"{Path.GetRelativePath(place, path)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"));
        Directory.Delete(place, recursive: true);
        return end.Code == 0 ? written : "";
    }
}
