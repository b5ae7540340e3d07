using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>Resolves the <c>--feed NAME=VALUE</c> arguments against a graph.</summary>
public static class FeedArguments
{
    /// <summary>Values by node name for everything that the outputs need.</summary>
    /// <param name="endpoints">The model's inputs: public names count beside the graph's.</param>
    /// <param name="outputs">The tensors that are asked for.</param>
    /// <param name="arguments">Texts <c>NAME=VALUE</c>; an empty name, or a file or <c>random:SEED</c> without one, means the inputs without one, or the only input.</param>
    /// <exception cref="FeedException">A feed names nothing, cannot be read, or one is missing.</exception>
    public static Dictionary<string, Tensor> Resolve(ModelEndpoints endpoints, IReadOnlyList<string> outputs, IEnumerable<string> arguments)
    {
        Graph graph = endpoints.Graph;
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (string argument in arguments)
        {
            var (name, value) = Parts(argument);
            foreach (ModelEndpoint input in Named(endpoints, name))
            {
                if (graph.TryFind(input.Node, out var node) && !feeds.TryAdd(input.Tensor, Read(graph, node, name, value)))
                    throw new FeedException("it has two values") { Input = input.Name, Suggestion = "Give one of them." };
            }
        }
        string[] missing = [.. NeededPlaceholders(graph, outputs, feeds.Keys.ToHashSet(StringComparer.Ordinal)).Where(node => !feeds.ContainsKey(node.Name) && !feeds.ContainsKey(node.Name + ":0")).Select(node => PublicName(endpoints, node))];
        return missing.Length == 0
            ? feeds
            : throw new FeedException($"the input{(missing.Length == 1 ? "" : "s")} {string.Join(", ", missing)} of the graph {(missing.Length == 1 ? "has" : "have")} no value") { Suggestion = $"Add --feed {missing[0]}=VALUE; random:1 feeds random numbers." };
    }

    /// <summary>Name and value. What is no name, and stands in front of the options of a file, is the file.</summary>
    private static (string Name, string Value) Parts(string argument)
    {
        string beforeOptions = argument.Split('?')[0];
        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        if (!beforeOptions.Contains('=', StringComparison.Ordinal) && (File.Exists(beforeOptions) || argument.StartsWith("random:", StringComparison.Ordinal)))
            return ("", argument);
        return equals >= 0
            ? (argument[..equals].Trim(), argument[(equals + 1)..].Trim())
            : throw new FeedException($"'{argument}' is neither NAME=VALUE nor a file that exists") { Suggestion = "For example --feed=input=random:1 or --feed='photo.jpg?size=224x224'." };
    }

    /// <summary>Random values for every placeholder that the outputs need.</summary>
    /// <exception cref="FeedException">An input's type has no random values.</exception>
    public static Dictionary<string, Tensor> Random(Graph graph, IReadOnlyList<string> outputs, int seed) =>
        NeededPlaceholders(graph, outputs, []).Select((node, i) => (node, i))
            .ToDictionary(entry => entry.node.Name, entry => RandomTensors.Create(GraphInputs.TypeOf(entry.node), GraphInputs.ShapeOf(entry.node), seed + entry.i), StringComparer.Ordinal);

    /// <summary>The arrays of an archive that are named after an input (/ as __).</summary>
    /// <exception cref="FeedException">The archive cannot be read, or no array is named after an input.</exception>
    public static Dictionary<string, Tensor> FromArchive(ModelEndpoints endpoints, string path)
    {
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            using FileStream stream = File.OpenRead(path);
            foreach (var (key, tensor) in NpzFile.Read(stream))
            {
                if (OfKey(endpoints, key) is { } node)
                    feeds[node.Name] = FeedReader.Fit(tensor, GraphInputs.TypeOf(node), GraphInputs.ShapeOf(node));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new FeedException($"'{path}' cannot be read: {error.Message}", error);
        }
        return feeds.Count > 0 ? feeds : throw new FeedException($"'{path}' has no array that is named after an input of the graph");
    }

    /// <summary>Refuses samples that lack a value which the outputs need.</summary>
    /// <exception cref="FeedException">A placeholder has no value; the message says how to give one.</exception>
    public static void CheckComplete(Graph graph, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, Tensor> sample)
    {
        if (Missing(graph, outputs, sample.Keys) is [var first, ..] missing)
            throw Incomplete("samples", missing, $", an array '{first.Replace("/", "__", StringComparison.Ordinal)}' in an .npz file one for each sample");
    }

    /// <summary>Refuses a graph that needs more than the input for images.</summary>
    /// <exception cref="FeedException">A placeholder has no value; the message says how to give one.</exception>
    internal static void CheckOnly(Graph graph, string output, string input)
    {
        if (Missing(graph, [output], [input]) is { Length: > 0 } missing)
            throw Incomplete("images", missing, otherwise: "");
    }

    private static string[] Missing(Graph graph, IReadOnlyList<string> outputs, IEnumerable<string> fed)
    {
        var names = fed.ToHashSet(StringComparer.Ordinal);
        return [.. NeededPlaceholders(graph, outputs, names).Select(node => node.Name).Where(name => !names.Contains(name))];
    }

    private static FeedException Incomplete(string what, string[] missing, string otherwise) =>
        new($"the {what} have no value for the input{(missing.Length == 1 ? "" : "s")} {string.Join(", ", missing)}") { Suggestion = $"--feed={missing[0]}=VALUE (or --set) gives a fixed value (such as false for a training phase){otherwise}." };

    /// <summary>The node that an array's name means: a public name or a node's, <c>/</c> as it is or as <c>__</c>.</summary>
    internal static Node? OfKey(ModelEndpoints endpoints, string key)
    {
        ModelEndpoint? input = endpoints.FindInput(key) ?? endpoints.FindInput(key.Replace("__", "/", StringComparison.Ordinal));
        return input is null ? null : endpoints.Graph.Find(input.Node);
    }

    /// <summary>The input of a name. An empty name means every input that has none.</summary>
    private static IEnumerable<ModelEndpoint> Named(ModelEndpoints endpoints, string name)
    {
        if (name.Length > 0)
            return [endpoints.FindInput(name) ?? throw Unknown(endpoints, name)];
        return endpoints.UnnamedInputs is { IsEmpty: false } unnamed ? unnamed : throw new FeedException("a value has no name, and every input has one") { Suggestion = $"Write --feed {(endpoints.Inputs.IsEmpty ? "input" : endpoints.Inputs[0].Name)}=VALUE." };
    }

    private static FeedException Unknown(ModelEndpoints endpoints, string name)
    {
        EndpointException unknown = GraphOutputs.Unknown(endpoints, name, "inputs", endpoints.Inputs);
        return new(unknown.Message) { Input = name, Suggestion = unknown.Suggestion };
    }

    private static string PublicName(ModelEndpoints endpoints, Node node) => endpoints.Inputs.FirstOrDefault(input => input.Node == node.Name)?.Name ?? node.Name;

    private static Tensor Read(Graph graph, Node node, string name, string value)
    {
        try
        {
            return FeedReader.Read(value, GraphInputs.TypeOf(node), GraphInputs.ShapeOf(node), SerializedMessages.AreReadFrom(graph, node));
        }
        catch (FeedException error)
        {
            throw new FeedException(error.Message, error) { Input = name, Suggestion = error.Suggestion };
        }
    }

    private static IEnumerable<Node> NeededPlaceholders(Graph graph, IReadOnlyList<string> outputs, HashSet<string> fed) =>
        graph.Upstream(outputs.Select(output => new NodeInput(output)), input => IsFed(input, fed)).Where(node => node.Op is "Placeholder" or "PlaceholderV2").OrderBy(Places(graph));

    private static bool IsFed(NodeInput input, HashSet<string> fed) =>
        !input.IsControl && (fed.Contains(input.Text) || fed.Contains(input.Canonical) || (input.Port == 0 && fed.Contains(input.Node)));

    /// <summary>Where nodes are in the graph, as a key to sort by.</summary>
    private static Func<Node, int> Places(Graph graph)
    {
        var places = new Dictionary<string, int>(graph.Nodes.Length, StringComparer.Ordinal);
        for (int i = 0; i < graph.Nodes.Length; i++)
            places.TryAdd(graph.Nodes[i].Name, i);
        return node => places[node.Name];
    }
}
