using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Structure.ControlFlow;

/// <summary>Writes one loop frame as a While node with two functions.</summary>
internal sealed class LoopRaising
{
    private readonly Graph graph;
    private readonly LoopFrameShape frame;
    private readonly FunctionIndex functions;
    private readonly ImmutableArray<Node> enters;
    private readonly ImmutableArray<DataType> types;
    private readonly HashSet<string> plumbing;

    public LoopRaising(Graph graph, LoopFrameShape frame)
    {
        this.graph = graph;
        this.frame = frame;
        functions = new(graph.Functions);
        enters = [.. frame.Variables.Select(variable => variable.Enter), .. frame.Invariants];
        types = [.. enters.Select(enter => enter.TypeAttribute("T") ?? DataType.Float)];
        plumbing = frame.Plumbing();
    }

    public Graph Apply()
    {
        string name = graph.FreeName(frame.Name.TrimEnd('/'));
        string condition = FreeFunction(name + "_cond");
        string body = FreeFunction(name + "_body");
        NodeInput[] inputs = [.. enters.Select(enter => enter.DataInputs.First())];
        NodeInput[] controls = [.. enters.SelectMany(enter => enter.ControlInputs).Distinct()];
        bool isStateful = frame.ConditionNodes.Concat(frame.BodyNodes).Any(node => functions.Definition(node.Op) is not { IsStateful: false });
        Node loop = new Node(name, isStateful ? "While" : "StatelessWhile", [.. inputs, .. controls])
            .With("T", AttributeValue.Types([.. types]))
            .With("cond", new FunctionValue(condition, AttributeMap.Empty))
            .With("body", new FunctionValue(body, AttributeMap.Empty))
            .With("output_shapes", new ListValue([]));
        if (enters[0].Attributes.TryGetValue("parallel_iterations", out var parallel))
            loop = loop.With("parallel_iterations", parallel);
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        foreach (Node node in graph.Nodes)
        {
            if (ReferenceEquals(node, enters[0]))
                nodes.Add(loop);
            if (!frame.Contains(node.Name))
                nodes.Add(node);
            else if (node.Op == "Exit")
                nodes.Add(Exit(node, name));
        }
        FunctionDefinition[] added =
        [
            Function(condition, frame.ConditionNodes, [DataType.Bool], [Input(frame.Conditions[0].DataInputs.First(), isBody: false)], isBody: false),
            Function(body, frame.BodyNodes, types, [.. frame.Variables.Select(variable => Input(variable.Next!.DataInputs.First(), isBody: true)), .. frame.Invariants.Select(invariant => new NodeInput(Argument(enters.IndexOf(invariant))))], isBody: true),
        ];
        return graph.WithNodes(nodes.ToImmutable()).WithFunctions(graph.Functions with { Functions = [.. graph.Functions.Functions, .. added] });
    }

    private Node Exit(Node exit, string loop)
    {
        int port = frame.Variables.Select((variable, i) => (variable, i)).First(pair => pair.variable.Exits.Contains(exit)).i;
        return new(exit.Name, "Identity", [NodeInput.Data(loop, port), .. exit.ControlInputs.Where(control => !frame.Contains(control.Node))], AttributeMap.Of(("T", types[port])), exit.Device);
    }

    private FunctionDefinition Function(string name, ImmutableArray<Node> members, ImmutableArray<DataType> resultTypes, ImmutableArray<NodeInput> results, bool isBody)
    {
        var kept = members.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var arguments = types.Select((type, i) => new Node(Argument(i), GraphScope.ArgumentOp, [], AttributeMap.Of(("T", type), ("index", i))));
        var inner = members.Select(node => node with
        {
            Inputs = [.. node.Inputs.Where(input => !input.IsControl || kept.Contains(input.Node)).Select(input => Input(input, isBody))],
            Attributes = node.Attributes.Without("_class"),
        });
        ImmutableArray<string> effects = [.. members.Where(node => OpTable.Find(node.Op) is { Outputs.IsEmpty: true } && node.Op != "NoOp").Select(node => node.Name)];
        var signature = new OpDefinition(name, [.. types.Select((type, i) => new ArgumentDefinition(Argument(i), type))], [.. resultTypes.Select((type, i) => new ArgumentDefinition(Result(i), type))], [])
        {
            ControlOutputs = effects,
            IsStateful = members.Any(node => functions.Definition(node.Op) is not { IsStateful: false }),
        };
        var empty = new FunctionDefinition(signature, [], System.Collections.Immutable.ImmutableSortedDictionary.Create<string, string>(NameOrder.Instance))
        {
            ControlReturns = effects.ToImmutableSortedDictionary(effect => effect, effect => effect, NameOrder.Instance),
        };
        return new GraphScope(name, [.. arguments, .. inner], results, effects).ToFunction(empty, resultTypes, functions);
    }

    /// <summary>What an input of a node in the loop is in the function: an argument in place of what carries a loop variable.</summary>
    private NodeInput Input(NodeInput input, bool isBody)
    {
        if (input.IsControl || !plumbing.Contains(input.Node))
            return input;
        int variable = frame.Variables.Select(candidate => (isBody ? candidate.Switch : candidate.Merge)!.Name).ToList().IndexOf(input.Node);
        int number = variable >= 0 ? variable : enters.Select(enter => enter.Name).ToList().IndexOf(input.Node);
        return number >= 0 ? new(Argument(number)) : throw StructureDiagnostics.Wrong(StructureDiagnostics.ControlFlow, $"'{input}' of the loop '{frame.Name}' is no loop variable", input.Node);
    }

    private string FreeFunction(string name)
    {
        string free = name;
        for (int i = 1; functions.Find(free) is not null; i++)
            free = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        return free;
    }

    private static string Argument(int number) => string.Create(CultureInfo.InvariantCulture, $"loop_argument_{number}");

    private static string Result(int number) => string.Create(CultureInfo.InvariantCulture, $"loop_result_{number}");
}
