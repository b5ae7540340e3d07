using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Schema;
using TransformFramework.Toolkit.Functions;

namespace TransformFramework.TfLite.Writing;

/// <summary>What the subgraphs of a model that is being made share: functions, equal constants, hash tables, initialisation.</summary>
/// <param name="graph">The graph that is written.</param>
/// <param name="convert">Adds the operators of a node and defines its outputs.</param>
/// <param name="cancellation">Ends the writing.</param>
internal sealed class ModelWriter(Graph graph, Action<NodeWriter> convert, CancellationToken cancellation)
{
    private readonly Dictionary<string, (int Index, IReadOnlyList<TensorDraft> Results)> functions = new(StringComparer.Ordinal);
    private readonly Dictionary<TensorDraft, bool> dynamic = [];
    private readonly Dictionary<string, int> tables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<TensorDraft>> shared = new(StringComparer.Ordinal);
    private SubgraphDraft? initial;

    /// <summary>Adds the operators of a node and defines its outputs.</summary>
    public Action<NodeWriter> Convert => convert;

    /// <summary>What functions may grow to.</summary>
    public CallBudget Calls { get; } = new(reason => TfLiteDiagnostics.Unwritable(reason));

    /// <summary>All subgraphs; the first is the main one.</summary>
    public List<SubgraphDraft> Subgraphs { get; } = [];

    /// <summary>The subgraph of a function that an attribute names, for arguments of these types and shapes.</summary>
    /// <returns>Its number, and its outputs.</returns>
    public (int Index, IReadOnlyList<TensorDraft> Results) Function(NodeWriter node, string attribute, IReadOnlyList<TensorDraft> arguments)
    {
        LoopScope scope = Scope(node, attribute);
        string key = $"{scope.Name} {string.Join(' ', arguments.Select(argument => $"{argument.Type}[{string.Join(',', argument.Shapes[0])}|{string.Join(',', argument.Shapes[1])}]"))}";
        if (functions.TryGetValue(key, out var known))
            return known;
        return functions[key] = Subgraph(scope, [.. arguments.Select((argument, i) => new TensorDraft(scope.Arguments[i][0].Node, argument.Type) { Shapes = argument.Shapes, Quantization = argument.Quantization })], new bool[arguments.Count]);
    }

    /// <summary>The nodes of a function that an attribute names.</summary>
    public LoopScope Scope(NodeWriter node, string attribute)
    {
        if (!node.Node.TryFunction(attribute, out FunctionValue? called))
            throw node.Decline($"it has no function in its attribute '{attribute}'");
        FunctionDefinition function = Find(node, called.Name);
        string[] names = [.. function.Signature.Inputs.Select(input => "argument/" + input.Name)];
        var body = new FunctionBody(graph.Functions, function, called.Attributes, [.. names.Select(name => NodeInput.Data(name))], inner => inner);
        return new(called.Name, WithArguments(body, names), [.. names.Select(name => (NodeInput[])[NodeInput.Data(name)])], body.Results);
    }

    /// <summary>Adds a subgraph.</summary>
    /// <param name="scope">Its nodes.</param>
    /// <param name="arguments">Its inputs; constants that take the place of one.</param>
    /// <param name="isConstant">Which arguments are no inputs.</param>
    /// <returns>Its number, and its outputs.</returns>
    public (int Index, IReadOnlyList<TensorDraft> Results) Subgraph(LoopScope scope, IReadOnlyList<TensorDraft> arguments, IReadOnlyList<bool> isConstant)
    {
        if (arguments.Count != scope.Arguments.Count)
            throw TfLiteDiagnostics.Unwritable($"function '{scope.Name}' takes {scope.Arguments.Count} arguments and is given {arguments.Count}");
        var draft = new SubgraphDraft(scope.Name);
        int index = Subgraphs.Count;
        Subgraphs.Add(draft);
        var writer = new SubgraphWriter(this, scope.Graph, draft);
        for (int i = 0; i < arguments.Count; i++)
        {
            if (!isConstant[i])
                writer.Input(scope.Arguments[i][0].Text, arguments[i]);
            foreach (NodeInput reference in scope.Arguments[i])
                writer.Define(reference, arguments[i]);
        }
        TensorDraft[] results = Calls.Call(() => writer.Run(scope.Results, cancellation));
        draft.Outputs.AddRange(results);
        return (index, results);
    }

    /// <summary>Takes out the subgraphs from a number on, which nothing refers to.</summary>
    public void Forget(int first)
    {
        Subgraphs.RemoveRange(first, Subgraphs.Count - first);
        foreach (string key in functions.Where(entry => entry.Value.Index >= first).Select(entry => entry.Key).ToArray())
            functions.Remove(key);
    }

    /// <summary>Lowers the body of a function where it is called.</summary>
    public IReadOnlyList<TensorDraft> Inline(NodeWriter node, string name)
    {
        FunctionDefinition function = Find(node, name);
        ImmutableArray<NodeInput> arguments = [.. Enumerable.Range(0, node.InputCount).Select(i => NodeInput.Data($"{node.Node.Name}/argument_{i.ToString(CultureInfo.InvariantCulture)}"))];
        var body = new FunctionBody(graph.Functions, function, ((FunctionValue)node.Node.Attributes["f"]).Attributes, arguments, inner => $"{node.Node.Name}/{inner}");
        var writer = new SubgraphWriter(this, WithArguments(body, arguments.Select(argument => argument.Text)), node.Subgraph.Draft);
        for (int i = 0; i < arguments.Length; i++)
            writer.Define(arguments[i], node.In(i));
        return Calls.Call(() => writer.Run(body.Results, cancellation));
    }

    /// <summary>Notes that a layer of 8-bit weights rounds this data row by row.</summary>
    public TensorDraft Dynamic(TensorDraft data, bool isAsymmetric)
    {
        dynamic[data] = isAsymmetric;
        return data;
    }

    /// <summary>How a layer rounds its data, when the graph says so.</summary>
    public bool? IsAsymmetric(TensorDraft data) => dynamic.TryGetValue(data, out bool isAsymmetric) ? isAsymmetric : null;

    /// <summary>A constant that is there already, or this one.</summary>
    public TensorDraft Shared(TensorDraft tensor)
    {
        if (!shared.TryGetValue(tensor.Name, out List<TensorDraft>? namesakes))
            shared[tensor.Name] = namesakes = [];
        if (namesakes.Find(other => other.Constant!.ContentEquals(tensor.Constant!) && AreEqual(other.Quantization, tensor.Quantization)) is { } known)
            return known;
        namesakes.Add(tensor);
        return tensor;
    }

    /// <summary>Number of a hash table.</summary>
    public int TableOf(Node node)
    {
        string name = node.String("shared_name", "") is { Length: > 0 } shared ? shared : node.Name;
        if (!tables.TryGetValue(name, out int number))
            tables[name] = number = name.StartsWith("table_", StringComparison.Ordinal) && int.TryParse(name.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : tables.Count;
        return number;
    }

    /// <summary>Fills a table from constants, once before the first run.</summary>
    public void ImportTable(NodeWriter node)
    {
        Node table = graph.Find(node.Reference(0).Node) ?? throw node.Decline("its table is not in the graph");
        if (initial is null)
        {
            initial = new("initialize");
            Subgraphs.Add(initial);
            OperatorSchema once = OperatorSchema.Of("CALL_ONCE");
            Subgraphs[0].Operators.AddFirst(new(once, [], [], OptionValues.Of(once, ("init_subgraph_index", Subgraphs.Count - 1))));
        }
        OperatorSchema schema = OperatorSchema.Of("HASHTABLE");
        OperatorDraft made = node.Subgraph.Producer(node.In(0)) ?? throw node.Decline($"its table '{table.Name}' has no counterpart");
        var handle = new TensorDraft(table.Name, TensorType.Resource) { Shapes = [[1], [1]] };
        initial.Operators.Add(new(schema, [], [handle], made.Options));
        OperatorSchema import = OperatorSchema.Of("HASHTABLE_IMPORT");
        node.Required(1);
        node.Required(2);
        initial.Operators.Add(new(import, [handle, node.In(1), node.In(2)], [], OptionValues.Defaults(import)));
    }

    private Graph WithArguments(FunctionBody body, IEnumerable<string> arguments) => graph.WithNodes([.. arguments.Select(argument => new Node(argument, "Placeholder")), .. body.Nodes]);

    private static bool AreEqual(TfLiteQuantization? one, TfLiteQuantization? other) =>
        one is null || other is null ? one is null && other is null : one.Scales.SequenceEqual(other.Scales) && one.ZeroPoints.SequenceEqual(other.ZeroPoints) && one.Dimension == other.Dimension;

    private FunctionDefinition Find(NodeWriter node, string name) => graph.Functions.Find(name) ?? throw node.Decline($"the graph has no function '{name}'");
}
