using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Structure.ControlFlow;

/// <summary>One While as a frame: Enter, Merge, Switch, NextIteration and Exit for each loop variable; one Enter for each that the body gives back unchanged.</summary>
internal sealed class LoopLowering(Graph graph, Node site, CallSite call, FunctionIndex functions)
{
    private const int StandardParallelism = 10;

    private readonly List<Node> nodes = [];
    private readonly string prefix = graph.FreeName(site.Name + "/loop");

    public IEnumerable<Node> Nodes()
    {
        NodeInput[] inputs = [.. site.DataInputs];
        ImmutableArray<AttributeValue> types = LowerControlFlow.Types(site, "T");
        if (inputs.Length == 0 || types.Length != inputs.Length)
            throw StructureDiagnostics.Wrong(StructureDiagnostics.ControlFlow, $"node '{site.Name}' ({site.Op}) has {inputs.Length} loop variables and {types.Length} types", site.Name);
        bool[] isInvariant = Invariants(inputs.Length);
        NodeInput[] entered = [.. inputs.Select((input, i) => Enter(input, types[i], i, isInvariant[i]))];
        Node[] merges = new Node[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (!isInvariant[i])
                merges[i] = Add(new Node(Name("merge", i), "Merge", entered[i], Name("next", i)).With("T", types[i]).With("N", 2));
        }
        NodeInput first = NodeInput.Control(merges[Array.IndexOf(isInvariant, false)].Name);
        FunctionBody condition = LowerControlFlow.Body(site, call.Functions[0], functions, [.. entered.Select((value, i) => isInvariant[i] ? value : merges[i].Name)], prefix + "/cond");
        nodes.AddRange(LowerControlFlow.Placed(condition, first, site.Device));
        DataType conditionType = functions.Find(call.Functions[0].Name)!.Signature.Outputs[0].Type;
        var (predicate, cast) = LowerControlFlow.Predicate(site, condition.Results[0], conditionType, prefix + "/predicate");
        nodes.AddRange(cast);
        Node decision = Add(new Node(prefix + "/LoopCond", "LoopCond", [predicate, .. Effects(condition)]));
        NodeInput[] alive = [.. inputs.Select((_, i) => isInvariant[i] ? entered[i] : Alive(merges[i], decision, types[i], i))];
        NodeInput pivot = NodeInput.Control(alive[Array.IndexOf(isInvariant, false)].Node);
        FunctionBody body = LowerControlFlow.Body(site, call.Functions[1], functions, [.. alive], prefix + "/body");
        nodes.AddRange(LowerControlFlow.Placed(body, pivot, site.Device));
        var exits = new NodeInput[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (isInvariant[i])
            {
                exits[i] = inputs[i];
                continue;
            }
            Add(new Node(Name("next", i), "NextIteration", [body.Results[i], .. Effects(body)]).With("T", types[i]));
            exits[i] = Add(new Node(Name("exit", i), "Exit", Name("switch", i)).With("T", types[i])).Name;
        }
        return [.. nodes, LowerControlFlow.Outputs(site, [.. exits], types, [])];
    }

    /// <summary>True for each loop variable that the body returns as it got it; at least one variable drives the loop.</summary>
    private bool[] Invariants(int count)
    {
        NodeInput[] arguments = [.. Enumerable.Range(0, count).Select(i => new NodeInput(Name("argument", i)))];
        FunctionBody body = LowerControlFlow.Body(site, call.Functions[1], functions, [.. arguments], prefix + "/body");
        bool[] invariant = [.. arguments.Select((argument, i) => i < body.Results.Length && body.Results[i] == argument)];
        if (Array.TrueForAll(invariant, value => value))
            invariant[0] = false;
        return invariant;
    }

    private NodeInput Enter(NodeInput input, AttributeValue type, int number, bool isInvariant) =>
        Add(new Node(Name("enter", number), "Enter", [input, .. site.ControlInputs])
            .With("T", type).With("frame_name", prefix).With("is_constant", isInvariant)
            .With("parallel_iterations", site.Attributes.TryGetValue("parallel_iterations", out var parallel) ? parallel : StandardParallelism)).Name;

    private NodeInput Alive(Node merge, Node decision, AttributeValue type, int number)
    {
        Node choice = Add(new Node(Name("switch", number), "Switch", merge.Name, decision.Name).With("T", type));
        return Add(new Node(Name("value", number), "Identity", NodeInput.Data(choice.Name, 1)).With("T", type)).Name;
    }

    private static IEnumerable<NodeInput> Effects(FunctionBody body) => body.ControlReturns.Distinct(StringComparer.Ordinal).Select(NodeInput.Control);

    private string Name(string kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}/{kind}_{number}");

    private Node Add(Node node)
    {
        node = node with { Device = site.Device };
        nodes.Add(node);
        return node;
    }
}
