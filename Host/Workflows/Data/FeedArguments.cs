using TransformFramework.Dsl.Binding;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Workflows.Data;

/// <summary>Resolves the <c>--feed NAME=VALUE</c> arguments against a graph.</summary>
public static class FeedArguments
{
    /// <summary>Values by input name for everything that the outputs need.</summary>
    /// <exception cref="FeedException">A feed names nothing, cannot be read, or one is missing.</exception>
    public static Dictionary<string, Tensor> Resolve(Graph graph, IReadOnlyList<string> outputs, IEnumerable<string> arguments)
    {
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (string argument in arguments)
        {
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new FeedException($"'{argument}' is not NAME=VALUE") { Suggestion = "For example --feed input=random:1 or --feed input=photo.jpg?size=224x224." };
            string name = argument[..equals];
            feeds[name] = Read(graph, name, argument[(equals + 1)..]);
        }
        string[] missing = [.. NeededPlaceholders(graph, outputs, feeds).Where(node => !feeds.ContainsKey(node.Name) && !feeds.ContainsKey(node.Name + ":0")).Select(node => node.Name)];
        return missing.Length == 0
            ? feeds
            : throw new FeedException($"the input{(missing.Length == 1 ? "" : "s")} {string.Join(", ", missing)} of the graph {(missing.Length == 1 ? "has" : "have")} no value") { Suggestion = $"Add --feed {missing[0]}=VALUE; random:1 feeds random numbers." };
    }

    /// <summary>Random values for every placeholder that the outputs need.</summary>
    /// <exception cref="FeedException">An input's type has no random values.</exception>
    public static Dictionary<string, Tensor> Random(Graph graph, IReadOnlyList<string> outputs, int seed) =>
        NeededPlaceholders(graph, outputs, new Dictionary<string, Tensor>()).Select((node, i) => (node, i))
            .ToDictionary(entry => entry.node.Name, entry => RandomTensors.Create(GraphInputs.TypeOf(entry.node), GraphInputs.ShapeOf(entry.node), seed + entry.i), StringComparer.Ordinal);

    /// <summary>The arrays of an archive that are named after a node (/ as __).</summary>
    /// <exception cref="FeedException">The archive cannot be read, or no array is named after a node.</exception>
    public static Dictionary<string, Tensor> FromArchive(Graph graph, string path)
    {
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            using FileStream stream = File.OpenRead(path);
            foreach (var (key, tensor) in NpzFile.Read(stream))
            {
                if (graph.TryFind(key.Replace("__", "/", StringComparison.Ordinal), out var node) || graph.TryFind(key, out node))
                    feeds[node.Name] = FeedReader.Fit(tensor, GraphInputs.TypeOf(node), GraphInputs.ShapeOf(node));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new FeedException($"'{path}' cannot be read: {error.Message}", error);
        }
        return feeds.Count > 0 ? feeds : throw new FeedException($"'{path}' has no array that is named after an input of the graph");
    }

    private static Tensor Read(Graph graph, string name, string value)
    {
        if (!graph.TryFind(new NodeInput(name).Node, out var node))
        {
            string? nearest = Suggestions.Nearest(name, graph.Nodes.Select(candidate => candidate.Name));
            throw new FeedException($"the graph has no node '{name}'") { Input = name, Suggestion = nearest is null ? "'transform_graph summarize' shows the inputs." : $"Did you mean '{nearest}'?" };
        }
        try
        {
            return FeedReader.Read(value, GraphInputs.TypeOf(node), GraphInputs.ShapeOf(node));
        }
        catch (FeedException error)
        {
            throw new FeedException(error.Message, error) { Input = name, Suggestion = error.Suggestion };
        }
    }

    private static IEnumerable<Node> NeededPlaceholders(Graph graph, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, Tensor> feeds)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<NodeInput>(outputs.Select(output => new NodeInput(output)));
        var found = new List<Node>();
        while (open.TryPop(out var input))
        {
            if ((!input.IsControl && (feeds.ContainsKey(input.Text) || feeds.ContainsKey(input.Canonical) || (input.Port == 0 && feeds.ContainsKey(input.Node)))) || !seen.Add(input.Node) || !graph.TryFind(input.Node, out var node))
                continue;
            if (node.Op is "Placeholder" or "PlaceholderV2")
                found.Add(node);
            foreach (NodeInput next in node.Inputs)
                open.Push(next);
        }
        return found.OrderBy(node => graph.Nodes.IndexOf(node));
    }
}
