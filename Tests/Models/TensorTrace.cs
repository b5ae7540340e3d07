using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Models;

/// <summary>Every tensor of a run in TensorFlow: its name, op, type, shape, and the first half of the hash of its bytes.</summary>
internal static class TensorTrace
{
    /// <summary>What differs from the trace when the graph runs here, or null. Tensors that hang on random numbers are left out.</summary>
    public static string? Difference(string path, Graph graph, ImmutableArray<string> inputs, IReadOnlyDictionary<string, Tensor> feeds)
    {
        var random = Random(graph);
        string[][] lines = [.. Read(path).Where(line => !random.Contains(new NodeInput(line[0]).Node))];
        ImmutableArray<string> names = [.. lines.Select(line => line[0])];
        var tensors = ModelRuns.Backend.Compile(graph, names, new CompileOptions { Feeds = inputs, UseReferenceKernels = true }).Run(feeds);
        string[] differences = [.. lines.Zip(tensors, Difference).OfType<string>()];
        return differences.Length == 0 ? null : $"{differences.Length} of {lines.Length} tensors differ:\n{string.Join('\n', differences.Take(10))}";
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
