using System.Globalization;
using TransformFramework.Generated;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Benchmarks;

/// <summary>
/// How a published program scales, as ratios taken in one run: a 100 MB graph and a 400 MB SavedModel to copying their files, 100,000 nodes to 10,000, help to an empty program.
/// </summary>
internal sealed class ScaleReport(string program, TextWriter output)
{
    private static readonly string[] NodeTransforms = ["strip_unused_nodes", "remove_nodes(op=Identity)", "merge_duplicate_nodes", "sort_by_execution_order"];

    public int Run()
    {
        string folder = Directory.CreateTempSubdirectory("scale").FullName;
        try
        {
            Measurement empty = Measurement.OfProgram(Environment.ProcessPath!, Program.Nothing);
            Row("empty .NET program", empty, "");
            LargeFile(folder, empty);
            SavedModel(folder, empty);
            Nodes(folder);
            Start(empty);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void LargeFile(string folder, Measurement empty)
    {
        string model = Path.Combine(folder, "resnet50.pb");
        string result = Path.Combine(folder, "out.pb");
        Write(ResNet50.Fill(GraphDefReader.Read(File.ReadAllBytes(Places.Skeleton()))), model);
        long size = new FileInfo(model).Length;
        Measurement copy = Measurement.OfAction(() => CopyAndSync(model, result));
        Measurement run = Transform(model, result, ResNet50.Input, ResNet50.Output, "strip_unused_nodes remove_nodes(op=Identity) sort_by_execution_order");
        Row("copy and sync 100 MB", copy, "");
        Row("three structural transforms on it", run, Invariant(
            $"{run.Time / (copy.Time + empty.Time):0.00} x (copy + empty program), peak {(double)run.PeakBytes / (size + empty.PeakBytes):0.00} x (file + empty program)"));
        Measurement job = Transform(model, result, ResNet50.Input, ResNet50.Output, File.ReadAllText(Places.MainJob()));
        Row("the whole path to 8 bits on it", job, Invariant(
            $"{job.Time / (copy.Time + empty.Time):0.00} x (copy + empty program), peak {(double)job.PeakBytes / (size + empty.PeakBytes):0.00} x (file + empty program)"));
    }

    /// <summary>Memory beyond what the program takes for a model of a few bytes, mapped pages included, as a ratio to the weights.</summary>
    private void SavedModel(string folder, Measurement empty)
    {
        string model = Path.Combine(folder, "saved_model");
        string result = Path.Combine(folder, "frozen.pb");
        string data = Path.Combine(model, "variables", "variables.data-00000-of-00001");
        string small = Path.Combine(folder, "small.pb");
        LargeSavedModel.Write(model);
        Write(GraphText.Parse("x = Placeholder() {dtype=float, shape=(1)}\ny = Neg(x) {T=float}"), small);
        Measurement copy = Measurement.OfAction(() => CopyAndSync(data, result));
        Row("copy and sync 400 MB", copy, "");
        Compare("convert", "convert", $"--out_graph={result}");
        Compare("run", "run", "--feed=x=random:1", $"--outputs={LargeSavedModel.Output}");

        void Compare(string name, params string[] command)
        {
            Measurement floor = Measurement.OfProgram(program, [.. command, $"--in_graph={small}"]);
            Measurement run = Measurement.OfProgram(program, [.. command, $"--in_graph={model}"]);
            Row($"{name} a SavedModel of 400 MB", run, Invariant(
                $"{run.Time / (copy.Time + empty.Time):0.00} x (copy + empty program), {(double)(run.PeakBytes - floor.PeakBytes) / LargeSavedModel.WeightBytes:0.00} x the weights above a small model"));
        }
    }

    private void Nodes(string folder)
    {
        string small = Path.Combine(folder, "10k.pb");
        string large = Path.Combine(folder, "100k.pb");
        string result = Path.Combine(folder, "out.pb");
        ManyNodes.Write(10_000, small);
        ManyNodes.Write(100_000, large);
        foreach (string transform in NodeTransforms)
        {
            Measurement few = Transform(small, result, ManyNodes.Input, ManyNodes.Output, transform);
            Measurement many = Transform(large, result, ManyNodes.Input, ManyNodes.Output, transform);
            Row($"10,000 nodes: {transform}", few, "");
            Row($"100,000 nodes: {transform}", many, Invariant($"{many.Time / few.Time:0.0} x the time of 10,000, {(double)many.PeakBytes / few.PeakBytes:0.0} x the memory"));
        }
    }

    private void Start(Measurement empty)
    {
        foreach (string command in (string[])["--help", "list"])
        {
            Measurement run = Measurement.OfProgram(program, command);
            Row(command, run, Invariant($"{run.Time / empty.Time:0.00} x the time of an empty program, {(double)run.PeakBytes / empty.PeakBytes:0.00} x its memory"));
        }
    }

    private Measurement Transform(string input, string result, string inputName, string outputName, string transforms) => Measurement.OfProgram(
        program, $"--in_graph={input}", $"--out_graph={result}", $"--inputs={inputName}", $"--outputs={outputName}", $"--transforms={transforms}");

    private static void Write(Graph graph, string path)
    {
        using FileStream file = File.Create(path);
        GraphDefWriter.Write(graph, file);
    }

    private static void CopyAndSync(string from, string to)
    {
        File.Copy(from, to, overwrite: true);
        using FileStream file = new(to, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
    }

    private void Row(string name, Measurement measured, string ratio) =>
        output.WriteLine(Invariant($"{name,-50} {measured.Time.TotalMilliseconds,9:0.0} ms {measured.PeakBytes / 1048576.0,8:0.0} MiB  {ratio}"));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
