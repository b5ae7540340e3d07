using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Host.Models;

namespace TransformFramework.Benchmarks;

/// <summary>
/// ResNet v1 50 with generated weights: the skeleton holds the graph, the weights are He-scaled, nearly normal numbers from splitmix64 seeded by the FNV-1a
/// hash of each weight's name, so that every machine builds the same 102,593,410 bytes.
/// </summary>
internal static class ResNet50
{
    public const string Input = "Placeholder";
    public const string Output = "resnet_v1_50/predictions/Reshape_1";

    public static void Write(string skeleton, string path)
    {
        Graph graph = Fill(GraphDefReader.Read(File.ReadAllBytes(skeleton)));
        using FileStream file = File.Create(path);
        GraphDefWriter.Write(graph, file);
    }

    /// <summary>The graph with contents for every weight.</summary>
    public static Graph Fill(Graph skeleton) => skeleton.Select(node =>
        node.Op == "Const" && node.Name.EndsWith("weights", StringComparison.Ordinal) && node.TensorAttribute("value") is { } empty
            ? node.With("value", Weights(node.Name, empty.Shape))
            : node);

    private static Tensor Weights(string name, TensorShape shape)
    {
        Tensor tensor = Tensor.Allocate(DataType.Float, shape, out Span<float> weights);
        double scale = Math.Sqrt(2.0 / (shape[0] * shape[1] * shape[2]));
        ulong seed = Fnv1a(name);
        for (int j = 0; j < weights.Length; j++)
            weights[j] = (float)(scale * NearlyNormal(SplitMix64(seed + (ulong)j)));
        return tensor;
    }

    /// <summary>The sum of four uniform numbers, scaled to variance 1.</summary>
    private static double NearlyNormal(ulong bits)
    {
        ulong sum = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
        return ((sum / 65535.0) - 2.0) * Math.Sqrt(3.0);
    }

    private static ulong SplitMix64(ulong state)
    {
        ulong z = state + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static ulong Fnv1a(string text)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte value in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ value) * 0x100000001B3;
        return hash;
    }
}
