using System.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Fuzz.Processes;

/// <summary>Kills the program at random moments while it writes over files and folders: what is there afterwards must be the old or the new, whole, and nothing beside it.</summary>
/// <param name="program">The program.</param>
/// <param name="random">Chooses the moments.</param>
internal sealed class KillRun(string program, Random random)
{
    private const int ConstantElements = 4 << 20;

    private static readonly (string Output, string[] Arguments)[] Commands =
    [
        ("out.pb", ["--in_graph={in}", "--out_graph={out}", "--inputs=x", "--outputs=y", "--transforms=remove_device", "--quiet"]),
        ("out.onnx", ["convert", "--in_graph={in}", "--out={out}", "--quiet"]),
        ("out", ["convert", "--in_graph={in}", "--out={out}/", "--quiet"]),
    ];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("fuzz-kills");
    private int beside;

    /// <summary>Kills each command a number of times and prints how many times each output was found; throws when something else is.</summary>
    /// <param name="count">Kills of all commands together.</param>
    public void Run(int count)
    {
        try
        {
            WriteInput();
            foreach (var (output, arguments) in Commands)
                Run(output, [.. arguments.Select(argument => argument.Replace("{in}", Input, StringComparison.Ordinal).Replace("{out}", Path.Combine(folder.FullName, output), StringComparison.Ordinal))], count / Commands.Length);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private string Input => Path.Combine(folder.FullName, "in.pb");

    private void Run(string output, string[] arguments, int count)
    {
        long started = Stopwatch.GetTimestamp();
        using (Process whole = Start(arguments))
            whole.WaitForExit();
        TimeSpan duration = Stopwatch.GetElapsedTime(started);
        var complete = Content();
        int old = 0;
        beside = 0;
        for (int i = 0; i < count; i++)
            old += IsOldAfterKill(output, arguments, random.NextDouble() * 1.1 * duration, complete) ? 1 : 0;
        Console.WriteLine($"{output}: {count} kills, {old} times the old, {count - old} times the new, {beside} times with the other folder beside it, nothing else");
        Clear();
    }

    private bool IsOldAfterKill(string output, string[] arguments, TimeSpan moment, SortedDictionary<string, byte[]> complete)
    {
        Clear();
        WriteOld(Path.Combine(folder.FullName, output));
        var before = Content();
        using (Process process = Start(arguments))
        {
            if (!process.WaitForExit(moment))
                process.Kill();
            process.WaitForExit();
        }
        var found = Content();
        if (!Path.HasExtension(output))
            beside += RemoveTemporary(found) ? 1 : 0;
        bool isOld = AreEqual(found, before);
        return isOld || AreEqual(found, complete) ? isOld : throw new InvalidOperationException($"killed after {moment.TotalMilliseconds:F0} ms, '{string.Join(' ', arguments)}' leaves {string.Join(", ", found.Select(file => $"{file.Key} ({file.Value.Length} bytes)"))}");
    }

    /// <summary>Removes the folder that has a temporary name at the moment at which it takes the other's place.</summary>
    private static bool RemoveTemporary(SortedDictionary<string, byte[]> found)
    {
        string[] names = [.. found.Keys.Where(name => name.Split('/')[0].EndsWith(".tmp", StringComparison.Ordinal))];
        foreach (string name in names)
            found.Remove(name);
        return names.Length > 0;
    }

    /// <summary>Everything in the folder but the input; folders have names that end in a slash, and no bytes.</summary>
    private SortedDictionary<string, byte[]> Content()
    {
        var content = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Where(entry => entry.FullName != Input))
            content[Path.GetRelativePath(folder.FullName, entry.FullName) + (entry is DirectoryInfo ? "/" : "")] = entry is FileInfo ? File.ReadAllBytes(entry.FullName) : [];
        return content;
    }

    private static bool AreEqual(SortedDictionary<string, byte[]> one, SortedDictionary<string, byte[]> other) =>
        one.Count == other.Count && one.All(file => other.TryGetValue(file.Key, out byte[]? bytes) && bytes.AsSpan().SequenceEqual(file.Value));

    private void Clear()
    {
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos().Where(entry => entry.FullName != Input))
        {
            if (entry is DirectoryInfo old)
                old.Delete(recursive: true);
            else
                entry.Delete();
        }
    }

    /// <summary>A file, or a folder that the program replaces.</summary>
    private static void WriteOld(string path)
    {
        if (Path.HasExtension(path))
        {
            File.WriteAllBytes(path, "what was there before"u8.ToArray());
            return;
        }
        Directory.CreateDirectory(Path.Combine(path, "variables"));
        File.WriteAllBytes(Path.Combine(path, "saved_model.pb"), "what was there before"u8.ToArray());
        File.WriteAllBytes(Path.Combine(path, "variables", "variables.index"), "beside it"u8.ToArray());
    }

    private Process Start(string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;

    private void WriteInput()
    {
        Node constant = Node.Constant("k", Tensor.Create<float>(DataType.Float, TensorShape.Of(ConstantElements), new float[ConstantElements]));
        Graph graph = GraphText.Parse("x = Placeholder() {dtype=float}\ny = Add(x, k) {T=float}\n");
        using FileStream stream = File.Create(Input);
        GraphDefWriter.Write(graph.WithNodes([.. graph.Nodes, constant]), stream);
    }
}
