using System.Diagnostics;
using System.Globalization;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Fuzz.Processes;

/// <summary>Measures how the processor time of each command grows with the number of nodes: the slope of time over nodes, both as logarithms, without what the start takes.</summary>
/// <param name="program">The program.</param>
/// <param name="isFan">Whether one node reads all others, in place of a chain.</param>
internal sealed class GrowthRun(string program, bool isFan)
{
    /// <summary>Largest slope that is taken for linear.</summary>
    public const double MostSlope = 1.1;

    private const int Fewest = 1000;

    private static readonly (string Name, string[] Arguments)[] Commands =
    [
        ("summarize", ["summarize", "--in_graph={in}"]),
        ("view", ["view", "--in_graph={in}"]),
        ("lint", ["lint", "--in_graph={in}"]),
        ("diff", ["diff", "{in}", "{in}"]),
        ("run", ["run", "--in_graph={in}", "--feed=x=1"]),
        ("compare", ["compare", "{in}", "{in}", "--feed=x=1"]),
        ("benchmark", ["benchmark", "--in_graph={in}", "--runs=1", "--warmup_runs=1"]),
        ("convert to onnx", ["convert", "--in_graph={in}", "--out={out}.onnx"]),
        ("convert to tflite", ["convert", "--in_graph={in}", "--out={out}.tflite"]),
        ("convert to savedmodel", ["convert", "--in_graph={in}", "--out={out}/"]),
        ("convert to text", ["convert", "--in_graph={in}", "--out={out}.pbtxt"]),
        ("view as gtxt", ["view", "--in_graph={in}", "--as=gtxt"]),
        ("view around a node", ["view", "--in_graph={in}", "--around=y"]),
        ("benchmark_model", ["benchmark_model", "--graph={in}", "--input_layer=x", "--input_layer_shape=1,1", "--output_layer=y", "--max_num_runs=1"]),
        ("calibrate", ["calibrate", "--in_graph={in}", "--data={data}", "--out={out}.ranges"]),
        ("quantize", ["quantize", "--in_graph={in}", "--data={data}", "--out_graph={out}.pb"]),
        ("evaluate", ["evaluate", "--in_graph={in}", "--data={labelled}"]),
        ("tune", ["tune", "--in_graph={in}", "--data={data}", "--evaluate={labelled}", "--out_graph={out}.pb"]),
        ("reduce", ["reduce", "--in_graph={in}", "--out={out}.reduced", "--feed=x=1"]),
        ("bisect", ["bisect", "--in_graph={in}", "--transforms=remove_device", "--feed=x=1"]),
        ("report", [.. Transform("remove_device"), "--report={out}.html"]),
        ("strip_unused_nodes", Transform("strip_unused_nodes")),
        ("sort_by_execution_order", Transform("sort_by_execution_order")),
        ("merge_duplicate_nodes", Transform("merge_duplicate_nodes")),
        ("fold_constants", Transform("fold_constants")),
        ("fold_batch_norms", Transform("fold_batch_norms")),
        ("remove_nodes", Transform("remove_nodes(op=Identity)")),
        ("quantize_weights", Transform("quantize_weights")),
        ("quantize_nodes", Transform("quantize_nodes")),
        ("add_default_attributes", Transform("add_default_attributes")),
        ("obfuscate_names", Transform("obfuscate_names")),
        ("float_to_half", Transform("float_to_half")),
        ("downgrade", Transform("downgrade(target=tf1.15)")),
    ];

    /// <summary>Prints a line a command and gives whether all are linear.</summary>
    /// <param name="most">Nodes of the largest graph.</param>
    /// <param name="chosen">Names of the commands, or none for all.</param>
    public bool Run(int most, IReadOnlyCollection<string> chosen)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fuzz-growth");
        try
        {
            int[] sizes = [.. Sizes(most)];
            WriteSamples(folder.FullName);
            foreach (int size in sizes.Prepend(1))
                WriteGraph(Path.Combine(folder.FullName, $"{size}.pb"), size);
            bool areLinear = true;
            foreach (var (name, arguments) in Commands.Where(command => chosen.Count == 0 || chosen.Contains(command.Name)))
            {
                double start = Seconds(folder.FullName, arguments, 1);
                double[] seconds = [.. sizes.Select(size => Math.Max(Seconds(folder.FullName, arguments, size) - start, 0.001))];
                double slope = Slope(sizes[^2..], seconds[^2..]);
                areLinear &= slope <= MostSlope;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-24} slope {slope,5:F2}   {string.Join("  ", seconds.Select((time, i) => $"{sizes[i]}: {time:F2} s"))}"));
            }
            return areLinear;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string[] Transform(string script) => ["--in_graph={in}", "--out_graph={out}.pb", "--inputs=x", "--outputs=y", $"--transforms={script}"];

    private static IEnumerable<int> Sizes(int most)
    {
        for (long size = Fewest; size <= most; size *= 10)
            yield return (int)size;
    }

    private static double Slope(int[] sizes, double[] seconds) => Math.Log(seconds[1] / seconds[0]) / Math.Log((double)sizes[1] / sizes[0]);

    private double Seconds(string folder, string[] arguments, int size)
    {
        string[] filled = [.. arguments.Select(argument => argument.Replace("{in}", Path.Combine(folder, $"{size}.pb"), StringComparison.Ordinal).Replace("{out}", Path.Combine(folder, "out"), StringComparison.Ordinal)
            .Replace("{data}", Path.Combine(folder, "data.npz"), StringComparison.Ordinal).Replace("{labelled}", Path.Combine(folder, "labelled.npz"), StringComparison.Ordinal))];
        double before = ChildrenSeconds();
        using Process process = Process.Start(new ProcessStartInfo(program, [.. filled, "--quiet"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        process.WaitForExit();
        if (process.ExitCode != 0)
            Console.WriteLine($"{string.Join(' ', filled)} ends with {process.ExitCode}");
        return ChildrenSeconds() - before;
    }

    /// <summary>Processor time of the processes that were started and have ended, as Linux keeps it (proc(5): cutime, cstime).</summary>
    private static double ChildrenSeconds()
    {
        const int Time = 13;
        const double TicksASecond = 100;
        string stat = File.ReadAllText("/proc/self/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[Time], CultureInfo.InvariantCulture) + long.Parse(fields[Time + 1], CultureInfo.InvariantCulture)) / TicksASecond;
    }

    private static void WriteSamples(string folder)
    {
        Tensor samples = Tensor.Create<float>(DataType.Float, TensorShape.Of(2, 1), [1, 2]);
        using (FileStream data = File.Create(Path.Combine(folder, "data.npz")))
            NpzFile.Write(data, [new("x", samples)]);
        using FileStream labelled = File.Create(Path.Combine(folder, "labelled.npz"));
        NpzFile.Write(labelled, [new("images", samples), new("labels", Tensor.Create<long>(DataType.Int64, TensorShape.Of(2), [0, 0]))]);
    }

    private void WriteGraph(string path, int nodes)
    {
        using FileStream stream = File.Create(path);
        GraphDefWriter.Write(GraphText.Parse(isFan && nodes > 1 ? Fan(nodes) : Chain(nodes)), stream);
    }

    /// <summary>Nodes that all read the input, and one that adds them.</summary>
    private static string Fan(int nodes)
    {
        var text = new StringBuilder("x = Placeholder() {dtype=float, shape=(1,1)}\n");
        for (int i = 0; i < nodes; i++)
            text.Append(CultureInfo.InvariantCulture, $"n{i} = {(i % 2 == 0 ? "Neg" : "Identity")}(x) {{T=float}}\n");
        return text.Append(CultureInfo.InvariantCulture, $"y = AddN({string.Join(", ", Enumerable.Range(0, nodes).Select(i => $"n{i}"))}) {{N={nodes}, T=float}}\n").ToString();
    }

    /// <summary>A chain of additions, each of a constant of its own, with an Identity at every tenth.</summary>
    private static string Chain(int nodes)
    {
        var text = new StringBuilder("x = Placeholder() {dtype=float, shape=(1,1)}\n");
        string last = "x";
        for (int i = 0; i < nodes / 2; i++)
        {
            string name = i + 1 >= nodes / 2 ? "y" : $"n{i}";
            text.Append(CultureInfo.InvariantCulture, $"k{i} = Const() {{dtype=float, value=float[1]{{{i % 7}}}}}\n");
            text.Append(i % 10 == 9 && name != "y" ? $"{name} = Identity({last}) {{T=float}}\n" : $"{name} = Add({last}, k{i}) {{T=float}}\n");
            last = name;
        }
        if (last == "x")
            text.Append("y = Neg(x) {T=float}\n");
        return text.ToString();
    }
}
