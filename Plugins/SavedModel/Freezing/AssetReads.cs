using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.SavedModel.Freezing;

/// <summary>
/// Puts the bytes of assets in place of the nodes that read them: where the graph goes, the files do not.
/// <code>
/// y = ReadFile(path)     →     y = Const()
/// </code>
/// </summary>
internal static class AssetReads
{
    /// <summary>The graph without reads of assets.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="assets">Tensors that hold the path of an asset.</param>
    /// <param name="open">The file of a tensor and the path that it holds.</param>
    /// <exception cref="ModelFormatException">A file is missing, or has more than 2 GiB.</exception>
    public static Graph Fill(Graph graph, IEnumerable<string> assets, Func<string, string, ModelSourceFile> open)
    {
        var paths = assets.Select(asset => new NodeInput(asset).Canonical).ToHashSet(StringComparer.Ordinal);
        return paths.Count == 0 ? graph : graph.Select(node => node.Op == "ReadFile" && PathOf(graph, node) is { } path && paths.Contains(NodeInput.Data(path.Name).Canonical) ? Content(node, path, open) : node);
    }

    /// <summary>The constant that a node reads, behind identities.</summary>
    private static Node? PathOf(Graph graph, Node node)
    {
        for (int i = 0; i <= graph.Nodes.Length && node.DataInputs.FirstOrDefault() is { Text: not null } input && graph.Find(input.Node) is { } producer; i++)
        {
            if (producer.Op != "Identity")
                return producer.Op == "Const" ? producer : null;
            node = producer;
        }
        return null;
    }

    private static Node Content(Node read, Node path, Func<string, string, ModelSourceFile> open)
    {
        if (path.TensorAttribute("value") is not { Type: DataType.String, IsDecodable: true, ElementCount: 1 } value)
            return read;
        ModelSourceFile file = open(path.Name, System.Text.Encoding.UTF8.GetString(value.Strings[0].Span));
        if (file.Length > int.MaxValue)
            throw SavedModelDiagnostics.Error(SavedModelDiagnostics.Malformed, $"'{file.Name}' has {file.Length} bytes; a tensor holds at most 2 GiB");
        return Node.Constant(read.Name, Tensor.FromStrings(TensorShape.Scalar, [file.Slice(0, (int)file.Length).ToArray()])) with { Inputs = [.. read.ControlInputs], Device = read.Device };
    }
}
