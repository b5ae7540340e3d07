using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>What ONNX Runtime makes of a file before it runs it: an opponent whose graph is not fused is none.</summary>
internal static class OptimizedGraph
{
    private const int MostTransposes = 2;
    private const int GraphField = 7;
    private const int NodeField = 1;
    private const int OpField = 4;

    /// <summary>The number of nodes of each op.</summary>
    /// <param name="file">The ONNX file.</param>
    /// <param name="folder">Receives the optimized graph for a moment.</param>
    public static SortedDictionary<string, int> Histogram(string file, string folder)
    {
        string optimized = Path.Combine(folder, "optimized.onnx");
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL, OptimizedModelFilePath = optimized, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using (new InferenceSession(file, options))
        {
        }
        var histogram = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var model = new WireReader(File.ReadAllBytes(optimized));
        while (model.Next())
        {
            if (model.Field == GraphField)
                CountNodes(model.Message(), histogram);
            else
                model.Skip();
        }
        File.Delete(optimized);
        return histogram;
    }

    /// <summary>What keeps a graph from being a fair opponent; empty when nothing does.</summary>
    public static string Fault(SortedDictionary<string, int> histogram)
    {
        string[] left = [.. histogram.Keys.Where(op => op is "BatchNormalization" or "Shape")];
        int transposes = histogram.GetValueOrDefault("Transpose");
        return left.Length > 0 ? $"not fused: {string.Join(", ", left)}" : transposes > MostTransposes ? $"{transposes} Transposes" : "";
    }

    /// <summary>The histogram as text.</summary>
    public static string Text(SortedDictionary<string, int> histogram) => string.Join(", ", histogram.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Value} {entry.Key}")));

    private static void CountNodes(WireReader graph, SortedDictionary<string, int> histogram)
    {
        while (graph.Next())
        {
            if (graph.Field != NodeField)
            {
                graph.Skip();
                continue;
            }
            string op = OpOf(graph.Message());
            histogram[op] = histogram.GetValueOrDefault(op) + 1;
        }
    }

    private static string OpOf(WireReader node)
    {
        string op = "";
        while (node.Next())
        {
            if (node.Field == OpField)
                op = node.String();
            else
                node.Skip();
        }
        return op;
    }
}
