using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Host.Models;

namespace TransformFramework.Models;

/// <summary>Every tensor of a model and of its 8-bit forms, one by one and bit for bit, against what TensorFlow computed: the last bit of a float may decide over a code.</summary>
public sealed class TraceTests
{
    private const string Ending = ".trace.tsv.gz";

    public static TheoryData<string, string> Traces()
    {
        var data = new TheoryData<string, string>();
        foreach (string model in ModelRecord.All.Select(record => record.Model).Distinct(StringComparer.Ordinal))
        {
            foreach (string recipe in new[] { "original", "eight_bit", "eight_bit_fallback" })
            {
                bool isRecorded = recipe == "original" || ModelRecord.All.Any(record => record.Model == model && record.Recipe == recipe);
                if (isRecorded && ModelRecord.Find(model).Golden(recipe + Ending) is not null)
                    data.Add(model, recipe);
            }
        }
        if (!data.Any())
            data.Add("", "");
        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Traces))]
    public void Every_tensor_is_the_one_that_TensorFlow_computed(string model, string recipe)
    {
        Skip.If(model.Length == 0, ModelRuns.Missing);
        var record = ModelRecord.Find(model, recipe == "original" ? null : recipe);
        using LoadedModel file = ModelRuns.Open(record);
        Graph graph = recipe == "original" ? file.Graph : ModelRuns.Transform(record, file.Graph, Transforms.TransformMode.Verbatim);
        var lines = Read(record.Golden(recipe + Ending)!);
        var random = Random(graph);
        lines = [.. lines.Where(line => !random.Contains(new NodeInput(line[0]).Node))];
        ImmutableArray<string> names = [.. lines.Select(line => line[0])];
        var tensors = ModelRuns.Backend.Compile(graph, names, new CompileOptions { Feeds = record.Inputs, UseReferenceKernels = true }).Run(ModelFeeds.Read(record, file.Graph, 1));
        string[] differences = [.. lines.Zip(tensors, Difference).OfType<string>()];
        KnownExceptions.AssertAgrees($"trace {model}/{recipe}", differences.Length == 0 ? null : $"{differences.Length} of {lines.Length} tensors differ:\n{string.Join('\n', differences.Take(10))}");
    }

    /// <summary>Names of nodes that hang on a random op without a seed.</summary>
    private static HashSet<string> Random(Graph graph)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<Node>(graph.Nodes.Where(node => node.Op.StartsWith("Random", StringComparison.Ordinal)));
        while (open.TryPop(out var node))
        {
            if (!reached.Add(node.Name))
                continue;
            foreach (Consumer consumer in graph.ConsumersOf(node))
                open.Push(consumer.Node);
        }
        return reached;
    }

    private static string[][] Read(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split('\t'))];
    }

    private static string? Difference(string[] line, Tensor actual)
    {
        bool isLeftUndefined = line[1].StartsWith("FusedBatchNorm", StringComparison.Ordinal) && !line[0].EndsWith(":0", StringComparison.Ordinal);
        if (isLeftUndefined)
            return null;
        string shape = string.Join(',', actual.Shape.Dimensions);
        if (shape != line[3])
            return $"{line[0]} ({line[1]}): shape {shape} for {line[3]}";
        if (actual.Type == DataType.String || Convert.ToHexStringLower(SHA256.HashData(actual.Bytes.Span)).StartsWith(line[4], StringComparison.Ordinal))
            return null;
        float[] values = actual.ToSingles();
        return $"{line[0]} ({line[1]}): {actual.Type.Name()} values differ, sum {values.Sum(value => (double)value)} for {line[5]}, first {string.Join(',', values.Take(4))} for {line[8]}";
    }
}
