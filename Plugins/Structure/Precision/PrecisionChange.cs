using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Precision;

/// <summary>Gives a graph's real numbers another type: type attributes and constants where the op takes it, a Cast wherever a changed node meets one that is not.</summary>
internal sealed class PrecisionChange(Graph graph, DataType from, DataType to, Func<Node, bool> isKept, TransformContext context)
{
    private static readonly HashSet<string> Ends = new(StringComparer.Ordinal) { "Placeholder", "PlaceholderV2", "PlaceholderWithDefault" };

    /// <summary>Ops whose results depend on the bytes or the spelling of real numbers, and tables, whose contents have the type of their keys and values.</summary>
    private static readonly HashSet<string> TypeBound = new(StringComparer.Ordinal)
    {
        "AsString", "Bitcast", "DecodePaddedRaw", "DecodeRaw", "Fingerprint", "HashTable", "HashTableV2", "InitializeTable", "InitializeTableV2", "InitializeTableFromTextFile", "InitializeTableFromTextFileV2",
        "LookupTableExport", "LookupTableExportV2", "LookupTableFind", "LookupTableFindV2", "LookupTableImport", "LookupTableImportV2", "LookupTableInsert", "LookupTableInsertV2", "MutableDenseHashTable",
        "MutableDenseHashTableV2", "MutableHashTable", "MutableHashTableOfTensors", "MutableHashTableOfTensorsV2", "MutableHashTableV2", "ParseTensor", "Print", "PrintV2", "SerializeTensor", "StringFormat",
    };

    private readonly Dictionary<string, Node> changed = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, DataType), Node> casts = [];
    private readonly Dictionary<string, string> inner = new(StringComparer.Ordinal);
    private readonly HashSet<string> names = graph.Nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>The changed graph.</summary>
    public Graph Apply()
    {
        foreach (Node node in graph.Nodes)
            changed[node.Name] = isKept(node) || IsReadAtAnotherPort(node) ? node : Change(node);
        foreach (Node node in graph.Nodes.Where(IsKeptOutput))
            inner[node.Name] = Free(node.Name + "/" + to.Name());
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        foreach (Node node in graph.Nodes)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            Node current = changed[node.Name];
            Node connected = Connected(node, current, nodes);
            nodes.Add(connected);
            if (inner.ContainsKey(node.Name))
                KeepOutput(nodes, connected);
        }
        return graph.WithNodes(nodes.ToImmutable());
    }

    /// <summary>True for an output of the run whose type changes.</summary>
    private bool IsKeptOutput(Node node) =>
        context.IsOutput(node) && !ReferenceEquals(changed[node.Name], node) && OutputType(node, 0) == from && OutputType(changed[node.Name], 0) == to && node.Op != "Const";

    /// <summary>True where the run asks for an output beyond the first, which would not keep its name.</summary>
    private bool IsReadAtAnotherPort(Node node) => context.OutputNames.Any(output => new NodeInput(output) is { Port: > 0 } tensor && tensor.Node == node.Name);

    /// <summary>An output of the run keeps its name and type.</summary>
    private void KeepOutput(ImmutableArray<Node>.Builder nodes, Node node)
    {
        nodes[^1] = node with { Name = inner[node.Name] };
        nodes.Add(new(node.Name, "Cast", [inner[node.Name]], AttributeMap.Of(("SrcT", to), ("DstT", from))));
        context.Count("casts added");
    }

    private Node Connected(Node original, Node node, ImmutableArray<Node>.Builder nodes)
    {
        if (OpTable.Find(node.Op) is not { } definition || Types(node, definition) is not { } wanted)
            return node;
        var inputs = ImmutableArray.CreateBuilder<NodeInput>(node.Inputs.Length);
        int number = 0;
        foreach (NodeInput input in node.Inputs)
        {
            bool isData = !input.IsControl && number < wanted.Length;
            inputs.Add(isData ? Cast(input, wanted[number], nodes) : input);
            number += input.IsControl ? 0 : 1;
        }
        return node with { Inputs = inputs.ToImmutable() };
    }

    private NodeInput Cast(NodeInput input, DataType wanted, ImmutableArray<Node>.Builder nodes)
    {
        Node? producer = changed.GetValueOrDefault(input.Node);
        if (inner.TryGetValue(input.Node, out string? name))
        {
            if (input.Port == 0 && wanted == from)
                return input;
            input = input.WithNode(name);
        }
        if (producer is null || OutputType(producer, input.Port) is not { } given || given == wanted || given.Base() == wanted.Base() || !IsPair(given, wanted))
            return input;
        if (!casts.TryGetValue((input.Canonical, wanted), out Node? cast))
        {
            name = Free(string.Create(CultureInfo.InvariantCulture, $"{input.Node}{(input.Port > 0 ? $"_{input.Port}" : "")}/to_{wanted.Name()}"));
            cast = new(name, "Cast", [input], AttributeMap.Of(("SrcT", given), ("DstT", wanted)));
            casts.Add((input.Canonical, wanted), cast);
            nodes.Add(cast);
            context.Count("casts added");
        }
        return cast.Name;
    }

    private bool IsPair(DataType left, DataType right) => (left == from && right == to) || (left == to && right == from);

    private Node Change(Node node)
    {
        if (node.Op == "Const")
            return node.TensorAttribute("value") is { IsDecodable: true } value && value.Type == from ? node.With("dtype", to).With("value", Converted(value)) : node;
        if (Ends.Contains(node.Op) || TypeBound.Contains(node.Op) || OpTable.Find(node.Op) is not { } definition)
            return node;
        if (node.Op == "FusedBatchNorm" && to == DataType.Half && node.Type("T") == from)
            return (node with { Op = "FusedBatchNormV2" }).With("T", to).With("U", from);
        Node result = node;
        foreach (AttributeDefinition attribute in definition.Attributes)
        {
            if (attribute.Kind == "type" && OpDefaults.Complete(node).TypeAttribute(attribute.Name) == from && Allows(attribute))
                result = result.With(attribute.Name, to);
            else if (attribute.Kind == "list(type)" && node.Attributes.TryGetValue(attribute.Name, out var value) && value is ListValue list && list.Items.Any(IsFrom) && Allows(attribute))
                result = result.With(attribute.Name, list with { Items = [.. list.Items.Select(item => IsFrom(item) ? to : item)] });
        }
        if (node.Op == "Cast" && !ReferenceEquals(result, node))
            result = result.TypeAttribute("DstT") == result.TypeAttribute("SrcT") ? new(node.Name, "Identity", node.Inputs, AttributeMap.Of(("T", to)), node.Device) : result;
        return result;
    }

    private bool IsFrom(AttributeValue item) => item is TypeValue type && type.Value == from;

    private bool Allows(AttributeDefinition attribute) => attribute.Allowed is not ListValue allowed || allowed.Items.Any(item => item is TypeValue type && type.Value == to);

    private static ImmutableArray<DataType>? Types(Node node, OpDefinition definition)
    {
        try
        {
            return OpTypes.InputTypes(OpDefaults.Complete(node), definition);
        }
        catch (TransformException)
        {
            return null;
        }
    }

    private static DataType? OutputType(Node node, int port)
    {
        try
        {
            return OpTable.Find(node.Op) is { } definition && OpTypes.OutputTypes(OpDefaults.Complete(node), definition) is var types && port >= 0 && port < types.Length ? types[port] : null;
        }
        catch (TransformException)
        {
            return null;
        }
    }

    private string Free(string name)
    {
        string free = name;
        for (int i = 1; !names.Add(free); i++)
            free = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        return free;
    }

    private Tensor Converted(Tensor value)
    {
        bool isStored = value.Encoding == TensorEncoding.Values;
        ReadOnlySpan<byte> bytes = (isStored ? value.StoredBytes : value.Bytes).Span;
        byte[] converted = to == DataType.Half ? ToHalf(bytes) : ToFloat(bytes);
        return isStored ? Tensor.FromValues(to, value.Shape, converted) : Tensor.FromContent(to, value.Shape, converted);
    }

    private static byte[] ToHalf(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<float> values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes);
        byte[] converted = new byte[values.Length * 2];
        for (int i = 0; i < values.Length; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteHalfLittleEndian(converted.AsSpan(2 * i), (Half)values[i]);
        return converted;
    }

    private static byte[] ToFloat(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<Half> values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, Half>(bytes);
        byte[] converted = new byte[values.Length * 4];
        for (int i = 0; i < values.Length; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(converted.AsSpan(4 * i), (float)values[i]);
        return converted;
    }
}
