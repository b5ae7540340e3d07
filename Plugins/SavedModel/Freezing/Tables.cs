using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Checkpoints;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.SavedModel.Freezing;

/// <summary>
/// Fills hash tables of a graph by constants: from the nodes that initialize them, from the text files that these name, from the checkpoint. What looks up waits for the initialization.
/// <code>
/// t = MutableHashTableV2()               t = HashTableV2()
/// y = LookupTableFindV2(t, x, d)    →    t/initialize = InitializeTableV2(t, t/keys, t/values)
///                                        y = LookupTableFindV2(t, x, d, ^t/initialize)
/// </code>
/// </summary>
internal sealed class Tables(EffectGraph initializing, RestoreMap restored, Func<Checkpoint> checkpoint, Func<string, string, ModelSourceFile> asset)
{
    private static readonly HashSet<string> Ops = new(StringComparer.Ordinal)
    {
        "HashTable", "HashTableV2", "MutableHashTable", "MutableHashTableV2", "MutableDenseHashTable", "MutableDenseHashTableV2", "MutableHashTableOfTensors", "MutableHashTableOfTensorsV2",
        "AnonymousHashTable", "AnonymousMutableHashTable", "AnonymousMutableDenseHashTable", "AnonymousMutableHashTableOfTensors",
    };

    private static readonly string[] Inserting = ["LookupTableInsert", "LookupTableRemove", "LookupTableImport"];

    private readonly Dictionary<string, ImmutableArray<Node>> added = new(StringComparer.Ordinal);
    private Graph graph = Graph.Empty;

    /// <summary>The graph with its tables filled.</summary>
    /// <exception cref="ModelFormatException">A table is filled in a way that is not known, changed on the way to the outputs, or its asset is missing or malformed.</exception>
    public Graph Fill(Graph filled)
    {
        graph = filled;
        var tables = graph.Nodes.Where(node => Ops.Contains(node.Op)).ToDictionary(node => node.Name, StringComparer.Ordinal);
        if (tables.Count == 0)
            return graph;
        CheckUnchanged(graph, tables);
        var initializers = new Dictionary<string, string>(StringComparer.Ordinal);
        var nodes = ImmutableArray.CreateBuilder<Node>();
        var known = graph.Nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var replaced = new Dictionary<string, Node>(StringComparer.Ordinal);
        foreach (Node table in tables.Values)
        {
            if (InitializerOf(table) is not { } initializer)
                continue;
            replaced[table.Name] = initializer.Table;
            initializers[table.Name] = initializer.Nodes[^1].Name;
            nodes.AddRange(initializer.Nodes.Where(node => known.Add(node.Name)));
        }
        var waiting = graph.Select(node => replaced.GetValueOrDefault(node.Name) ?? Waiting(node, initializers));
        return waiting.WithNodes([.. waiting.Nodes, .. nodes]);
    }

    private static Node Waiting(Node node, Dictionary<string, string> initializers)
    {
        NodeInput[] controls = [.. node.DataInputs.Where(input => initializers.ContainsKey(input.Node)).Select(input => NodeInput.Control(initializers[input.Node])).Distinct().Where(control => !node.Inputs.Contains(control))];
        return controls.Length == 0 ? node : node with { Inputs = [.. node.Inputs, .. controls] };
    }

    private static void CheckUnchanged(Graph graph, Dictionary<string, Node> tables)
    {
        Node? change = graph.Nodes.FirstOrDefault(node => Inserting.Any(prefix => node.Op.StartsWith(prefix, StringComparison.Ordinal)) && node.DataInputs.Any(input => tables.ContainsKey(input.Node)));
        if (change is not null)
            throw SavedModelDiagnostics.Error(SavedModelDiagnostics.Assigned, $"the table '{change.DataInputs.First().Node}' is changed on the way to the outputs, by node '{change.Name}' ({change.Op}), so that it cannot be frozen", "Choose a signature that only looks up with --signature.");
    }

    /// <summary>The table as it is kept, and what fills it, the initializer last; null when nothing does.</summary>
    private (Node Table, ImmutableArray<Node> Nodes)? InitializerOf(Node table)
    {
        foreach (Node node in initializing.Graph.Nodes.Where(node => node.Op.StartsWith("InitializeTable", StringComparison.Ordinal) || node.Op.StartsWith("LookupTableImport", StringComparison.Ordinal)))
        {
            if (node.DataInputs.FirstOrDefault() is { Text: not null } handle && initializing.Target(handle) is { } target && IsSame(target, table))
                return (table, Initializer(node, table));
        }
        if (restored.FindTable(table.Name) is not { } contents)
            return null;
        Tensor keys = contents.Keys.ReadFrom(checkpoint());
        Tensor values = contents.Values.ReadFrom(checkpoint());
        if (table.Op.Contains("Dense", StringComparison.Ordinal) && OfBuckets(table, keys, values) is { } entries)
            (keys, values) = entries;
        bool holdsScalars = keys.Shape.Rank == 1 && values.Shape.Rank == 1;
        string initialize = table.Op.EndsWith("V2", StringComparison.Ordinal) || table.Op.StartsWith("Anonymous", StringComparison.Ordinal) ? "V2" : "";
        return (holdsScalars ? Plain(table, "HashTable" + initialize) : table, Filled(table, (holdsScalars ? "InitializeTable" : "LookupTableImport") + initialize, keys, values));
    }

    /// <summary>The entries of a dense table, which a checkpoint holds bucket by bucket: those with the empty or the deleted key are none. Null when a key or a value is no scalar.</summary>
    private (Tensor Keys, Tensor Values)? OfBuckets(Node table, Tensor keys, Tensor values)
    {
        if (values.ElementCount != keys.ElementCount || keys.Shape.Rank < 1 || keys.Shape[0] != keys.ElementCount)
            return null;
        ReadOnlyMemory<byte>[] unused = [.. table.DataInputs.Select(input => graph.Find(input.Node)?.TensorAttribute("value")).OfType<Tensor>().Where(key => key.Type == keys.Type && key.IsDecodable && key.ElementCount == 1).Select(key => Element(key, 0))];
        int[] used = [.. Enumerable.Range(0, (int)keys.ElementCount).Where(i => !unused.Any(key => key.Span.SequenceEqual(Element(keys, i).Span)))];
        return (Picked(keys, used), Picked(values, used));
    }

    private static ReadOnlyMemory<byte> Element(Tensor tensor, int index) =>
        tensor.Type == DataType.String ? tensor.Strings[index] : tensor.Bytes.Slice(index * tensor.Type.Size(), tensor.Type.Size());

    private static Tensor Picked(Tensor tensor, int[] elements) => tensor.Type == DataType.String
        ? Tensor.FromStrings(TensorShape.Of(elements.Length), [.. elements.Select(element => Element(tensor, element))])
        : Tensor.FromContent(tensor.Type, TensorShape.Of(elements.Length), elements.SelectMany(element => Element(tensor, element).ToArray()).ToArray());

    private static bool IsSame(Node left, Node right) =>
        left.Name == right.Name || (left.Op == right.Op && left.Attributes.ContainsKey("shared_name") && VariableOps.NameOf(left) != left.Name && VariableOps.NameOf(left) == VariableOps.NameOf(right));

    private static Node Plain(Node table, string op)
    {
        var kept = table.Attributes.Where(attribute => attribute.Key is "key_dtype" or "value_dtype" or "container" or "shared_name" or "use_node_name_sharing");
        return new(table.Name, op, [.. table.ControlInputs], AttributeMap.Create(kept), table.Device);
    }

    private static ImmutableArray<Node> Filled(Node table, string op, Tensor keys, Tensor values)
    {
        bool isImport = op.StartsWith("LookupTableImport", StringComparison.Ordinal);
        Node keyNode = Node.Constant(table.Name + "/keys", keys);
        Node valueNode = Node.Constant(table.Name + "/values", values);
        var types = AttributeMap.Of((isImport ? "Tin" : "Tkey", keys.Type), (isImport ? "Tout" : "Tval", values.Type));
        return [keyNode, valueNode, new(table.Name + "/initialize", op, [table.Name, keyNode.Name, valueNode.Name], types)];
    }

    private ImmutableArray<Node> Initializer(Node node, Node table)
    {
        if (added.TryGetValue(node.Name, out var known))
            return known;
        return added[node.Name] = node.Op switch
        {
            "InitializeTable" or "InitializeTableV2" or "LookupTableImport" or "LookupTableImportV2" => Closure(node, table),
            "InitializeTableFromTextFile" or "InitializeTableFromTextFileV2" => FromTextFile(node, table),
            _ => throw SavedModelDiagnostics.Error(SavedModelDiagnostics.UnknownTable, $"the table '{table.Name}' is filled by node '{node.Name}' ({node.Op}), which cannot be run at conversion", "Export the model with a table from constants or from a text file."),
        };
    }

    /// <summary>The initializer with what its keys and values come from.</summary>
    private ImmutableArray<Node> Closure(Node initializer, Node table)
    {
        List<Node> found = initializing.Graph.Upstream(initializer.DataInputs.Skip(1), input => input.IsControl || input.Node == table.Name);
        if (found.Find(node => VariableOps.IsVariable(node) || node.Op is "Placeholder" or "RestoreV2") is { } computed)
            throw SavedModelDiagnostics.Error(SavedModelDiagnostics.UnknownTable, $"the table '{table.Name}' is filled from node '{computed.Name}' ({computed.Op}), which is no constant", "Export the model with a table from constants or from a text file.");
        found.Reverse();
        return [.. found.Select(node => node with { Inputs = [.. node.DataInputs] }), initializer with { Inputs = [table.Name, .. initializer.DataInputs.Skip(1)] }];
    }

    private ImmutableArray<Node> FromTextFile(Node node, Node table)
    {
        NodeInput path = node.DataInputs.ElementAtOrDefault(1);
        if (path.Text is null || initializing.Origin(path)?.Node is not { Op: "Const" or "Placeholder" } name)
            throw SavedModelDiagnostics.Error(SavedModelDiagnostics.UnknownTable, $"the table '{table.Name}' is filled from a text file whose name is no constant, by node '{node.Name}'", "Export the model with the file as an asset.");
        ModelSourceFile file = asset(name.Name, initializing.Texts(name.Name).FirstOrDefault(""));
        if (file.Length > int.MaxValue)
            throw SavedModelDiagnostics.Error(SavedModelDiagnostics.BadAsset, $"the asset '{file.Name}' has {file.Length} bytes; at most 2 GiB can be read");
        ReadOnlyMemory<byte> bytes = file.Slice(0, (int)file.Length);
        string label = Path.GetFileName(file.Name);
        Tensor Column(string index, string type) => TextTable.Read(bytes, node, node.Long(index, -2), table.TypeAttribute(type) ?? DataType.String, label);
        return Filled(table, node.Op.EndsWith("V2", StringComparison.Ordinal) ? "InitializeTableV2" : "InitializeTable", Column("key_index", "key_dtype"), Column("value_index", "value_dtype"));
    }
}
