using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Toolkit.Protobuf.Schemas;
using TransformFramework.Toolkit.Protobuf.Text;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Surgery;

/// <summary>
/// Puts a second graph behind this one: inputs of the second become tensors of the first.
/// <code>
/// y = Relu(x)                          y = Relu(x)
/// in = Placeholder()               →   second/z = Softmax(y)
/// z = Softmax(in)
/// </code>
/// The second graph's nodes go into a scope of their own, as do the names of its loop frames and of tables and variables that both graphs share. Each connection is INPUT=TENSOR: the placeholder of the second graph (without the scope) and the tensor of the first. Functions of both
/// libraries are kept; two different ones of a name are an error.
/// </summary>
[Transform("merge_graphs", Summary = "Puts another graph behind this one.")]
public sealed class MergeGraphs : Transform<MergeGraphs.Options>
{
    private static readonly string[] NameAttributes = ["frame_name", "shared_name"];

    public sealed record Options
    {
        [Option("graph", "GraphDef file (.pb or .pbtxt) with the second graph.")]
        public required string GraphFile { get; init; }

        [Option("connect", "INPUT=TENSOR: a placeholder of the second graph and a tensor of the first; may be repeated.")]
        public required ImmutableArray<string> Connect { get; init; }

        [Option("scope", "Scope of the second graph's nodes; empty to keep their names.")]
        public string Scope { get; init; } = "second";
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        Graph second = Read(options.GraphFile, context);
        context.WrittenFor = $"tf{ReleaseBaseline.Of(second).Release.Version}";
        string prefix = options.Scope.TrimEnd('/') is { Length: > 0 } scope ? scope + "/" : "";
        var connections = Connections(options.Connect, graph, second);
        var names = second.Nodes.ToDictionary(node => node.Name, node => prefix + node.Name, StringComparer.Ordinal);
        string? taken = second.Nodes.Where(node => !connections.ContainsKey(node.Name)).Select(node => names[node.Name]).FirstOrDefault(name => graph.Find(name) is not null);
        if (taken is not null)
            throw StructureDiagnostics.Wrong(StructureDiagnostics.NameTaken, $"both graphs have a node named '{taken}'", taken, "Give another scope.");
        HashSet<string> shared = [.. graph.Nodes.SelectMany(SharedNames).Intersect(second.Nodes.SelectMany(SharedNames), StringComparer.Ordinal)];
        string apart = prefix.Length > 0 ? prefix : "second/";
        var added = second.Nodes.Where(node => !connections.ContainsKey(node.Name)).Select(node => Apart(Colocations.Rename(node with
        {
            Name = names[node.Name],
            Inputs = [.. node.Inputs.Select(input => Moved(input, connections, names))],
        }, names), apart, shared));
        context.Count("nodes added", second.Nodes.Length - connections.Count);
        return graph.WithNodes([.. graph.Nodes, .. added]).WithFunctions(Merged(graph.Functions, second.Functions));
    }

    private static Dictionary<string, string> Connections(ImmutableArray<string> texts, Graph first, Graph second)
    {
        var connections = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            var (input, tensor) = Connection(text, first, second);
            if (!connections.TryAdd(input, tensor))
                throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongValue, $"input '{input}' is connected twice", input);
        }
        return connections;
    }

    /// <summary>Names under which a node of one graph would find what a node of the other keeps: loop frames, tables, variables.</summary>
    private static IEnumerable<string> SharedNames(Node node) => NameAttributes.Select(attribute => node.String(attribute, "")).Where(name => name.Length > 0);

    private static Node Apart(Node node, string prefix, HashSet<string> shared)
    {
        foreach (string attribute in NameAttributes)
        {
            if (node.String(attribute, "") is { } name && shared.Contains(name))
                node = node.With(attribute, prefix + name);
        }
        return node;
    }

    private static NodeInput Moved(NodeInput input, Dictionary<string, string> connections, Dictionary<string, string> names)
    {
        if (connections.TryGetValue(input.Node, out string? tensor))
            return input.IsControl ? NodeInput.Control(new NodeInput(tensor).Node) : new(tensor);
        return names.TryGetValue(input.Node, out string? name) ? input.WithNode(name) : input;
    }

    private static KeyValuePair<string, string> Connection(string text, Graph first, Graph second)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || equals == text.Length - 1)
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongValue, $"'{text}' is no connection", suggestion: "Write INPUT=TENSOR.");
        string input = text[..equals];
        string tensor = text[(equals + 1)..];
        if (second.Find(input) is not { } placeholder)
            throw StructureDiagnostics.NoNode(input, isOfTransformed: false);
        if (!placeholder.Op.StartsWith("Placeholder", StringComparison.Ordinal))
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongNode, $"node '{input}' ({placeholder.Op}) of the second graph is no input", input, "Name a placeholder, or make it one with set_input.");
        if (new NodeInput(tensor).IsControl || first.Find(new NodeInput(tensor).Node) is null)
            throw StructureDiagnostics.NoNode(tensor);
        DataType? given = TensorTypes.Of(first, new NodeInput(tensor));
        if (given is { } type && placeholder.TypeAttribute("dtype") is { } wanted && type != wanted)
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongValue, $"'{tensor}' is {type.Name()}, the input '{input}' is {wanted.Name()}", input, "Insert a cast with insert_before on the second graph.");
        return new(input, tensor);
    }

    private static FunctionLibrary Merged(FunctionLibrary first, FunctionLibrary second)
    {
        foreach (FunctionDefinition function in second.Functions)
        {
            if (first.Find(function.Signature.Name) is { } same && !same.Equals(function))
                throw StructureDiagnostics.Wrong(StructureDiagnostics.NameTaken, $"both graphs have a function named '{function.Signature.Name}', and they differ", suggestion: "Inline the functions of one graph first with inline_functions.");
        }
        var added = second.Functions.Where(function => first.Find(function.Signature.Name) is null).ToArray();
        return added.Length == 0 ? first : first with { Functions = [.. first.Functions, .. added] };
    }

    private static Graph Read(string path, TransformContext context)
    {
        using Stream stream = context.OpenFile(path);
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        ReadOnlyMemory<byte> bytes = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        try
        {
            bool isText = bytes.Length > 0 && (char.IsAsciiLetter((char)bytes.Span[0]) || bytes.Span[0] == '#');
            return GraphDefReader.Read(isText ? new TextParser(bytes).Parse(ProtoSchema.Message("GraphDef")) : bytes);
        }
        catch (ModelFormatException error)
        {
            throw StructureDiagnostics.Wrong(StructureDiagnostics.MalformedFile, $"'{path}' is no GraphDef: {error.Message}", suggestion: error.Suggestion);
        }
    }
}
