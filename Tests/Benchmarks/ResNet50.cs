using TransformFramework.Graphs;
using TransformFramework.Host.Models;

namespace TransformFramework.Benchmarks;

/// <summary>
/// ResNet v1 50 with generated weights: the skeleton holds the graph, the weights are hashed from their names, so that every machine builds the same 102,593,410 bytes.
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
            ? node.With("value", HashedWeights.Of(node.Name, empty.Shape))
            : node);
}
