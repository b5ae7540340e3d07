using System.Globalization;

namespace TransformFramework.Fuzz.Processes;

/// <summary>Runs commands on models with less and less memory: each must do its work, or end with the message that there is not enough memory and leave nothing. What the commands end with is counted.</summary>
/// <param name="program">The program.</param>
/// <param name="models">Folder of frozen graphs (<c>.pb</c>).</param>
internal sealed class LimitRun(string program, string models)
{
    private const string OutOfMemory = "error TFX0120";
    private const int Failed = 1;

    private static readonly int[] Mebibytes = [1024, 512, 256, 128, 64];

    private static readonly (string Name, string[] Arguments)[] Commands =
    [
        ("summarize", ["summarize", "--in_graph={in}"]),
        ("onnx", ["convert", "--in_graph={in}", "--out=out.onnx"]),
        ("tflite", ["convert", "--in_graph={in}", "--out=out.tflite"]),
        ("savedmodel", ["convert", "--in_graph={in}", "--out=out/"]),
        ("text", ["convert", "--in_graph={in}", "--out=out.pbtxt"]),
        ("fold", ["--in_graph={in}", "--out_graph=out.pb", "--transforms=fold_constants(ignore_errors=true) quantize_weights"]),
        ("run", ["run", "--in_graph={in}", "--save=out.npz"]),
        ("benchmark", ["benchmark", "--in_graph={in}", "--runs=1", "--warmup_runs=0"]),
        ("calibrate", ["calibrate", "--in_graph={in}", "--data={data}", "--out=out.ranges"]),
        ("quantize", ["quantize", "--in_graph={in}", "--data={data}", "--out_graph=out.pb"]),
    ];

    /// <summary>Prints a line a command and limit, and gives whether all ended as they must.</summary>
    /// <param name="chosen">Names of the commands, or none for all.</param>
    public bool Run(IReadOnlyCollection<string> chosen)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fuzz-limits");
        try
        {
            string[] graphs = [.. Directory.EnumerateFiles(models, "*.pb", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
            bool isSound = true;
            foreach (var (name, arguments) in Commands.Where(command => chosen.Count == 0 || chosen.Contains(command.Name)))
                isSound &= Run(name, arguments, graphs, folder.FullName);
            return isSound;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private bool Run(string name, string[] arguments, string[] graphs, string folder)
    {
        var done = new int[Mebibytes.Length];
        var refused = new int[Mebibytes.Length];
        bool isSound = true;
        foreach (string graph in graphs)
        {
            string data = Path.Combine(folder, "data.npz");
            if (!ModelSamples.TryWrite(graph, data) && arguments.Contains("--data={data}"))
                continue;
            string[] filled = [.. arguments.Select(argument => argument.Replace("{in}", graph, StringComparison.Ordinal).Replace("{data}", data, StringComparison.Ordinal)), "--quiet"];
            ProgramEnd whole = End(folder, filled, mebibytes: null, out _);
            for (int i = 0; i < Mebibytes.Length; i++)
            {
                ProgramEnd end = End(folder, filled, Mebibytes[i], out string[] left);
                bool isOut = end.Code == Failed && end.Error.Contains(OutOfMemory, StringComparison.Ordinal) && end.Error.Contains("help:", StringComparison.Ordinal) && left.Length == 0;
                done[i] += end.Code == whole.Code ? 1 : 0;
                refused[i] += isOut ? 1 : 0;
                if (isOut || end.Code == whole.Code)
                    continue;
                isSound = false;
                Console.WriteLine($"{name} of {graph} in {Mebibytes[i]} MiB ends with {end.Code}, leaves {string.Join(", ", left)}: {end.Error}");
            }
        }
        Console.WriteLine($"{name,-12} {string.Join("  ", Mebibytes.Select((size, i) => string.Create(CultureInfo.InvariantCulture, $"{size} MiB: {done[i]} done, {refused[i]} out of memory")))}");
        return isSound;
    }

    /// <summary>Runs a command in an empty folder; a limit is that of the runtime's heap, which the runtime also takes from a container's.</summary>
    private ProgramEnd End(string folder, string[] arguments, int? mebibytes, out string[] left)
    {
        string place = Directory.CreateDirectory(Path.Combine(folder, "place")).FullName;
        ProgramEnd end = mebibytes is { } size
            ? ProgramEnd.Of(program, place, arguments, ("DOTNET_GCHeapHardLimit", string.Create(CultureInfo.InvariantCulture, $"0x{(long)size << 20:X}")))
            : ProgramEnd.Of(program, place, arguments);
        left = [.. Directory.EnumerateFileSystemEntries(place).Select(path => Path.GetFileName(path))];
        Directory.Delete(place, recursive: true);
        return end;
    }
}
