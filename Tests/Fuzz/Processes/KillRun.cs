using System.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Fuzz.Processes;

/// <summary>Kills the program at random moments while it writes over a file: what is there afterwards must be the old file or the new one, and nothing beside it.</summary>
/// <param name="program">The program.</param>
/// <param name="random">Chooses the moments.</param>
internal sealed class KillRun(string program, Random random)
{
    private const int ConstantElements = 4 << 20;

    private static readonly byte[] Old = "what was there before"u8.ToArray();

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("fuzz-kills");

    /// <summary>Kills the program a number of times and gives how many times each file was found; throws when something else is.</summary>
    public (int Old, int New) Run(int count)
    {
        try
        {
            WriteInput();
            long started = Stopwatch.GetTimestamp();
            using (Process whole = Start())
                whole.WaitForExit();
            TimeSpan duration = Stopwatch.GetElapsedTime(started);
            byte[] complete = File.ReadAllBytes(Output);
            int old = 0;
            for (int i = 0; i < count; i++)
                old += IsOldAfterKill(random.NextDouble() * 1.1 * duration, complete) ? 1 : 0;
            return (old, count - old);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private string Input => Path.Combine(folder.FullName, "in.pb");

    private string Output => Path.Combine(folder.FullName, "out.pb");

    private bool IsOldAfterKill(TimeSpan moment, byte[] complete)
    {
        File.WriteAllBytes(Output, Old);
        using (Process process = Start())
        {
            if (!process.WaitForExit(moment))
                process.Kill();
            process.WaitForExit();
        }
        string[] others = [.. folder.EnumerateFileSystemInfos().Select(entry => entry.Name).Where(name => name is not ("in.pb" or "out.pb"))];
        if (others.Length > 0)
            throw new InvalidOperationException($"killed after {moment.TotalMilliseconds:F0} ms, the program leaves {string.Join(", ", others)}");
        byte[] found = File.ReadAllBytes(Output);
        if (found.AsSpan().SequenceEqual(Old))
            return true;
        return found.AsSpan().SequenceEqual(complete) ? false : throw new InvalidOperationException($"killed after {moment.TotalMilliseconds:F0} ms, the program leaves a file of {found.Length} bytes");
    }

    private Process Start()
    {
        string[] arguments = [$"--in_graph={Input}", $"--out_graph={Output}", "--inputs=x", "--outputs=y", "--transforms=remove_device", "--quiet"];
        return Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
    }

    private void WriteInput()
    {
        Node constant = Node.Constant("k", Tensor.Create<float>(DataType.Float, TensorShape.Of(ConstantElements), new float[ConstantElements]));
        Graph graph = GraphText.Parse("x = Placeholder() {dtype=float}\ny = Add(x, k) {T=float}\n");
        using FileStream stream = File.Create(Input);
        GraphDefWriter.Write(graph.WithNodes([.. graph.Nodes, constant]), stream);
    }
}
