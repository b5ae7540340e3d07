using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Functions;

/// <summary>
/// A graph or the body of a function in one form: inputs are flat ports, the arguments of a function are nodes of op <c>_Arg</c> with their number in the attribute <c>index</c>.
/// </summary>
/// <param name="Name">The function's name; empty for the graph.</param>
/// <param name="Nodes">The nodes, arguments first.</param>
/// <param name="Results">What the function returns, or the outputs of the graph.</param>
/// <param name="ControlResults">Nodes that run for their effect only.</param>
public sealed record GraphScope(string Name, ImmutableArray<Node> Nodes, ImmutableArray<NodeInput> Results, ImmutableArray<string> ControlResults)
{
    /// <summary>Op of a function's arguments.</summary>
    public const string ArgumentOp = "_Arg";

    private (ImmutableArray<Node> Nodes, Dictionary<string, Node> ByName)? names;

    /// <summary>The node of a name, or null; of several the last. Not thread-safe.</summary>
    public Node? Find(string name)
    {
        if (names is not { } current || current.Nodes != Nodes)
            names = current = (Nodes, Index(Nodes));
        return current.ByName.GetValueOrDefault(name);
    }

    /// <summary>The number of an argument, or -1 for another node.</summary>
    public static int ArgumentOf(Node node) => node.Op == ArgumentOp ? (int)node.Long("index", -1) : -1;

    /// <summary>The whole graph.</summary>
    public static GraphScope Of(Graph graph, IEnumerable<string> outputs) => new("", graph.Nodes, [.. outputs.Select(output => new NodeInput(output))], []);

    /// <summary>The body of a function.</summary>
    /// <exception cref="TransformException">A node of the body reads an output that does not exist.</exception>
    public static GraphScope Of(FunctionDefinition function, FunctionIndex functions)
    {
        var arguments = function.Signature.Inputs;
        var body = new FunctionBody(functions, function, AttributeMap.Empty, [.. arguments.Select(argument => new NodeInput(argument.Name))], name => name);
        var nodes = arguments.Select((argument, index) => new Node(argument.Name, ArgumentOp, [], AttributeMap.Of(("T", argument.Type), ("index", index))));
        return new(function.Signature.Name, [.. nodes, .. body.Nodes], body.Results, [.. body.ControlReturns]);
    }

    /// <summary>The function that has this scope as its body. Types of arguments are those of the argument nodes, types of results those given.</summary>
    /// <param name="original">The function that the scope came from.</param>
    /// <param name="resultTypes">Types of the results.</param>
    /// <param name="functions">Functions that nodes of the body may be.</param>
    /// <exception cref="TransformException">Internal: a node reads a port that its producer does not have.</exception>
    public FunctionDefinition ToFunction(FunctionDefinition original, ImmutableArray<DataType> resultTypes, FunctionIndex functions)
    {
        var ports = new PortNames(this, functions);
        OpDefinition signature = original.Signature;
        var arguments = Nodes.Where(node => ArgumentOf(node) >= 0).OrderBy(ArgumentOf).Zip(signature.Inputs, (node, argument) => Retyped(argument, node.TypeAttribute("T") ?? argument.Type));
        var outputs = signature.Outputs.Zip(resultTypes, Retyped);
        var returns = original.Returns.ToBuilder();
        for (int i = 0; i < Results.Length; i++)
            returns[signature.Outputs[i].Name] = ports.Spell(Results[i]).Text;
        var kept = Nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        return original with
        {
            Signature = signature with
            {
                Inputs = [.. arguments],
                Outputs = [.. outputs],
                ControlOutputs = [.. signature.ControlOutputs.Where(output => original.ControlReturns.TryGetValue(output, out string? node) && kept.Contains(node))],
            },
            Nodes = [.. Nodes.Where(node => node.Op != ArgumentOp).Select(node => node with { Inputs = [.. node.Inputs.Select(ports.Spell)] })],
            Returns = returns.ToImmutable(),
            ControlReturns = original.ControlReturns.RemoveRange(original.ControlReturns.Where(entry => !kept.Contains(entry.Value)).Select(entry => entry.Key)),
        };
    }

    private static ArgumentDefinition Retyped(ArgumentDefinition argument, DataType type) =>
        argument.Type == type || type == DataType.Invalid ? argument : argument with { Type = type, UnknownFields = default };

    private static Dictionary<string, Node> Index(ImmutableArray<Node> nodes)
    {
        var byName = new Dictionary<string, Node>(nodes.Length, StringComparer.Ordinal);
        foreach (Node node in nodes)
            byName[node.Name] = node;
        return byName;
    }

    /// <summary>Spells flat ports as bodies of functions do: <c>argument</c>, <c>node:output:index</c>.</summary>
    private sealed class PortNames(GraphScope scope, FunctionIndex functions)
    {
        public NodeInput Spell(NodeInput input)
        {
            if (input.IsControl)
                return NodeInput.Control(input.Node);
            Node? producer = scope.Find(input.Node);
            if (producer is null || producer.Op == ArgumentOp)
                return new(input.Node);
            if (functions.Definition(producer.Op) is not { } definition)
                return new(string.Create(CultureInfo.InvariantCulture, $"{input.Node}:output:{Math.Max(input.Port, 0)}"));
            var (output, index) = OpTypes.OutputAt(OpDefaults.Complete(producer), definition, Math.Max(input.Port, 0))
                ?? throw new TransformException(StatusKind.Internal, $"node '{producer.Name}' ({producer.Op}) of function '{scope.Name}' has no output {input.Port}", producer.Name);
            return new(string.Create(CultureInfo.InvariantCulture, $"{input.Node}:{output}:{index}"));
        }
    }
}
