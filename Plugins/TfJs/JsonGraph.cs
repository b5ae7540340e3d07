using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;

namespace TransformFramework.TfJs;

/// <summary>A GraphDef in protobuf's JSON.</summary>
internal static class JsonGraph
{
    /// <summary>The graph.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">It is malformed.</exception>
    public static Graph Read(JsonElement topology, CancellationToken cancellation)
    {
        ImmutableArray<Node> nodes = Nodes(topology, "node", cancellation);
        if (nodes.IsEmpty)
            throw TfJsDiagnostics.Malformed("modelTopology has no nodes");
        var functions = ImmutableArray.CreateBuilder<FunctionDefinition>();
        if (topology.TryGetProperty("library", out JsonElement library) && library.ValueKind == JsonValueKind.Object && library.TryGetProperty("function", out JsonElement given) && given.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement function in given.EnumerateArray())
                functions.Add(Function(function, cancellation));
        }
        int producer = topology.TryGetProperty("versions", out JsonElement versions) && versions.ValueKind == JsonValueKind.Object && versions.TryGetProperty("producer", out JsonElement number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out int declared) ? declared : 0;
        return new(nodes, functions.Count == 0 ? null : new FunctionLibrary(functions.ToImmutable()), new GraphVersions(producer));
    }

    private static ImmutableArray<Node> Nodes(JsonElement owner, string key, CancellationToken cancellation)
    {
        if (!owner.TryGetProperty(key, out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            return [];
        var nodes = ImmutableArray.CreateBuilder<Node>(list.GetArrayLength());
        foreach (JsonElement node in list.EnumerateArray())
        {
            cancellation.ThrowIfCancellationRequested();
            nodes.Add(NodeOf(node));
        }
        return nodes.ToImmutable();
    }

    private static Node NodeOf(JsonElement node)
    {
        string name = Text(node, "name");
        string op = Text(node, "op");
        if (name.Length == 0 || op.Length == 0)
            throw TfJsDiagnostics.Malformed("a node has no name or no op");
        ImmutableArray<NodeInput> inputs = node.TryGetProperty("input", out JsonElement given) && given.ValueKind == JsonValueKind.Array
            ? [.. given.EnumerateArray().Select(input => new NodeInput(input.ValueKind == JsonValueKind.String ? input.GetString()! : throw TfJsDiagnostics.Malformed($"an input of node '{name}' is not a text")))]
            : [];
        AttributeMap attributes = node.TryGetProperty("attr", out JsonElement attr) && attr.ValueKind == JsonValueKind.Object
            ? AttributeMap.Of(attr.EnumerateObject().Where(entry => entry.Name != "_input_shapes").Select(entry => (entry.Name, JsonAttributes.Of(entry.Value))))
            : AttributeMap.Empty;
        return new(name, op, inputs, attributes);
    }

    private static FunctionDefinition Function(JsonElement function, CancellationToken cancellation)
    {
        if (function.ValueKind != JsonValueKind.Object || !function.TryGetProperty("signature", out JsonElement signature))
            throw TfJsDiagnostics.Malformed("a function has no signature");
        var returns = ImmutableSortedDictionary.CreateBuilder<string, string>(NameOrder.Instance);
        if (function.TryGetProperty("ret", out JsonElement results) && results.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty result in results.EnumerateObject())
                returns[result.Name] = result.Value.ValueKind == JsonValueKind.String ? result.Value.GetString()! : throw TfJsDiagnostics.Malformed("a result of a function is not a name");
        }
        return new(new OpDefinition(Text(signature, "name"), Arguments(signature, "inputArg"), Arguments(signature, "outputArg"), []), Nodes(function, "nodeDef", cancellation), returns.ToImmutable());
    }

    private static ImmutableArray<ArgumentDefinition> Arguments(JsonElement signature, string key) =>
        signature.ValueKind == JsonValueKind.Object && signature.TryGetProperty(key, out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(argument => new ArgumentDefinition(Text(argument, "name"), argument.TryGetProperty("type", out JsonElement type) ? JsonAttributes.TypeOf(type) : DataType.Invalid))]
            : [];

    private static string Text(JsonElement owner, string key) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
