using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization;

/// <summary>Convolutions in groups: the filter has fewer input channels than the data. TensorFlow's 8-bit ops have no groups.</summary>
internal static class GroupedConvolution
{
    /// <summary>Why such a convolution stays float.</summary>
    public const string Reason = "it convolves in groups, which the 8-bit ops have not";

    /// <summary>True for a convolution in groups, by the shapes of its data and filter.</summary>
    public static bool Is(Node node, TensorShape? data, TensorShape? filter)
    {
        if (node.Op != "Conv2D" || data is not { Rank: 4 } image || filter is not { Rank: 4 } weights)
            return false;
        long channels = image[node.String("data_format", "NHWC") == "NCHW" ? 1 : 3];
        return channels > 0 && weights[2] > 0 && channels != weights[2];
    }

    /// <summary>Names of all convolutions in groups.</summary>
    public static HashSet<string> Find(Graph graph, TransformContext context)
    {
        Node[] convolutions = [.. graph.Nodes.Where(node => node.Op == "Conv2D" && node.Inputs.Length >= 2)];
        var shapes = convolutions.Length == 0 ? new Dictionary<string, TensorShape[]>(StringComparer.Ordinal) : InferredShapes.Of(graph, context);
        return [.. convolutions.Where(node => Is(node, shapes.Find(node.Inputs[0]), shapes.Find(node.Inputs[1]))).Select(node => node.Name)];
    }
}
