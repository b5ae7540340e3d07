using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.TfLite.Reading;

/// <summary>What the subgraphs of a model share: functions that subgraphs have become, and handles of tables and variables.</summary>
/// <param name="model">The model.</param>
/// <param name="convert">Adds the nodes of an operator and defines its outputs.</param>
/// <param name="cancellation">Ends the reading.</param>
internal sealed class ModelFunctions(TfLiteModel model, Action<OperatorReader> convert, CancellationToken cancellation)
{
    private readonly Dictionary<string, FunctionDefinition> functions = new(StringComparer.Ordinal);
    private readonly Dictionary<(GraphDraft, string), Value> handles = [];
    private readonly HashSet<string> open = new(StringComparer.Ordinal);

    public TfLiteModel Model => model;

    /// <summary>Adds the nodes of an operator and defines its outputs.</summary>
    public Action<OperatorReader> Convert => convert;

    public CancellationToken Cancellation => cancellation;

    /// <summary>All functions, in the order of their first use.</summary>
    public FunctionLibrary Library => new([.. functions.Values]);

    /// <summary>The function of a subgraph, as an attribute names it.</summary>
    /// <param name="subgraph">Number of the subgraph.</param>
    /// <param name="isCondition">True to return one truth value as a scalar.</param>
    public FunctionValue Function(int subgraph, bool isCondition = false)
    {
        string name = TensorNames.Single(model.Subgraphs[subgraph].Name, subgraph).Replace('/', '_').Replace('-', '_');
        name = string.Create(CultureInfo.InvariantCulture, $"{(name.StartsWith("tensor_", StringComparison.Ordinal) ? "subgraph" : name)}_{subgraph}");
        return Function(name, graph =>
        {
            var reader = new SubgraphReader(this, subgraph, graph);
            Value[] arguments = [.. reader.Inputs.Select((input, i) => Argument(graph, i, reader.Tensors[input].Tensor.Type.ToGraph()))];
            foreach (var (input, argument) in reader.Inputs.Zip(arguments))
                reader.Tensors[input].DefineStored(argument);
            reader.Run();
            Value[] results = [.. reader.Outputs.Select(output => reader.Tensors[output].Stored)];
            if (isCondition && results is [var condition] && !reader.Tensors[reader.Outputs.First()].Tensor.Shape.IsEmpty)
                results = [new(graph.Add("Reshape", [condition, graph.Integers()]))];
            return (arguments, results);
        });
    }

    /// <summary>A function of a name, built when it is first asked for.</summary>
    public FunctionValue Function(string name, Func<GraphDraft, (Value[] Arguments, Value[] Results)> build)
    {
        if (!functions.ContainsKey(name))
        {
            if (!open.Add(name))
                throw TfLiteDiagnostics.Invalid($"subgraph '{name}' calls itself");
            var graph = new GraphDraft();
            var (arguments, results) = build(graph);
            functions.Add(name, Define(name, graph, arguments, results));
            open.Remove(name);
        }
        return new FunctionValue(name, AttributeMap.Empty);
    }

    /// <summary>The handle of a table or variable in a graph: one node a name.</summary>
    public Value Handle(GraphDraft graph, string name, Func<string, NodeDraft> make)
    {
        if (!handles.TryGetValue((graph, name), out Value handle))
            handles[(graph, name)] = handle = new(make(name));
        return handle;
    }

    /// <summary>An argument of a function that is being built.</summary>
    public static Value Argument(GraphDraft graph, int index, DataType type)
    {
        var node = new NodeDraft(GraphDraft.FunctionArgument, [], AttributeMap.Empty, [], [type]) { Name = string.Create(CultureInfo.InvariantCulture, $"argument_{index}"), IsNamed = true };
        return new(graph.Add(node));
    }

    private static FunctionDefinition Define(string name, GraphDraft graph, Value[] arguments, Value[] results)
    {
        ImmutableArray<Node> nodes = graph.Build(results, Reference);
        string[] outputs = [.. results.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"result_{i}"))];
        var signature = new OpDefinition(name,
            [.. arguments.Select(argument => new ArgumentDefinition(argument.Node.Name, argument.Type))],
            [.. outputs.Zip(results, (output, result) => new ArgumentDefinition(output, result.Type))], []);
        return new(signature, nodes, outputs.Zip(results).ToImmutableSortedDictionary(entry => entry.First, entry => Reference(entry.Second), NameOrder.Instance));
    }

    /// <summary>How bodies of functions spell a value: an argument by its name, an output by node, name of the output, and index within it.</summary>
    private static string Reference(Value value)
    {
        if (value.Node.Op == GraphDraft.FunctionArgument)
            return value.Node.Name;
        OpDefinition definition = OpTable.Find(value.Node.Op)!;
        Node complete = OpDefaults.Complete(new Node(value.Node.Name, value.Node.Op, [], value.Node.Attributes));
        foreach (ArgumentDefinition output in definition.Outputs.Reverse())
        {
            int first = OpTypes.FirstPort(complete, definition, output.Name);
            if (first <= value.Port)
                return string.Create(CultureInfo.InvariantCulture, $"{value.Node.Name}:{output.Name}:{value.Port - first}");
        }
        throw new InvalidOperationException($"{value.Node.Op} has no output {value.Port}");
    }
}
