using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Downgrade;

/// <summary>
/// Puts the bodies of functions in place of calls, branches and loops, where the target does not have the calling op or the body needs a rewrite.
/// <code>
/// If(c, x)      →   s = Switch(x, c); Merge(else(s:0), then(s:1))
/// While(x)      →   e = Enter(x); m = Merge(e, n); s = Switch(m, LoopCond(cond(m))); n = NextIteration(body(s:1)); Exit(s:0)
/// Case(k, x)    →   If(k = 0, …, If(k = 1, …, …)), outside the branches' numbers the last one
/// </code>
/// The node becomes an IdentityN of the results, so that its readers stay as they are.
/// </summary>
internal sealed class ControlFlow
{
    private const int Deepest = 64;

    private readonly Graph graph;
    private readonly List<Node> made = [];

    private ControlFlow(Graph graph) => this.graph = graph;

    /// <exception cref="TransformException">A function is missing, or calls itself.</exception>
    public static Graph Lower(Graph graph, TensorFlowRelease target, TransformContext context)
    {
        if (graph.Functions.Functions.IsEmpty)
            return graph;
        bool bodiesLack = graph.Functions.Functions.SelectMany(function => function.Nodes).Any(node => IsLacking(graph, node, target));
        for (int depth = 0; depth < Deepest; depth++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            graph = Reachable.From(graph, context);
            var calls = graph.Nodes.Where(node => IsCall(node) && (bodiesLack || IsLacking(graph, node, target))).ToList();
            if (calls.Count == 0)
                return graph;
            context.Count("calls lowered", calls.Count);
            graph = calls.Exists(call => IsPlain(call)) ? FunctionInliner.Inline(graph, context.OutputNames, exactNames: true, context.Cancellation).Graph : LowerLevel(graph, calls);
        }
        throw new TransformException(StatusKind.InvalidArgument, $"calls are nested more than {Deepest} deep: a function calls itself");
    }

    private static bool IsPlain(Node node) => node.Op is "PartitionedCall" or "StatefulPartitionedCall";

    private static bool IsCall(Node node) => IsPlain(node) || node.Op is "If" or "StatelessIf" or "While" or "StatelessWhile" or "Case" or "StatelessCase";

    private static bool IsLacking(Graph graph, Node node, TensorFlowRelease target) =>
        ReleaseVerifier.Lacking(graph.WithNodes([DefaultDropping.Apply(new Graph([node]), target).Nodes[0]]), target).Any(problem => !problem.IsDefault);

    private static Graph LowerLevel(Graph graph, List<Node> calls)
    {
        var edit = new GraphEdit();
        foreach (Node call in calls)
        {
            var lowering = new ControlFlow(graph);
            edit.Replace(call, [.. lowering.Lower(call)]);
        }
        return graph.Apply(edit);
    }

    private List<Node> Lower(Node call)
    {
        string name = Prefix(call.Name);
        NodeInput[] inputs = [.. call.DataInputs];
        NodeInput[] results = call.Op switch
        {
            "If" or "StatelessIf" => Choose(call, name, inputs),
            "Case" or "StatelessCase" => Choose(call, name, 0, inputs, [DataType.Int32, .. call.TypeList("Tin")]),
            _ => Loop(call, name, inputs),
        };
        DataType[] types = [.. call.TypeList(call.Op.EndsWith("While", StringComparison.Ordinal) ? "T" : "Tout")];
        NodeInput[] controls = [.. call.ControlInputs];
        Node end = types.Length switch
        {
            0 => new Node(call.Name, "NoOp", [.. made.Select(node => NodeInput.Control(node.Name))]),
            1 => new Node(call.Name, "Identity", results[0]).With("T", types[0]),
            _ => new Node(call.Name, "IdentityN", results).With("T", AttributeValue.Types(types)),
        };
        if (controls.Length > 0)
            end = end with { Inputs = [.. end.Inputs, .. controls] };
        made.Add(end with { Device = call.Device });
        return made;
    }

    /// <summary>What names of made nodes begin with; no name of the graph does.</summary>
    private string Prefix(string call)
    {
        string prefix = $"{call}/lowered";
        for (int i = 1; graph.Nodes.Any(node => node.Name.StartsWith(prefix, StringComparison.Ordinal)); i++)
            prefix = string.Create(CultureInfo.InvariantCulture, $"{call}/lowered_{i}");
        return prefix;
    }

    private NodeInput[] Choose(Node call, string name, NodeInput[] inputs) => Branch(
        name,
        Condition(call, name, inputs[0]),
        inputs[1..],
        call.TypeList("Tin"),
        then: (_, values, pivot) => Body(call, call.Function("then_branch"), $"{name}/then", values, pivot),
        otherwise: (_, values, pivot) => Body(call, call.Function("else_branch"), $"{name}/else", values, pivot),
        call.TypeList("Tout"));

    private NodeInput Condition(Node call, string name, NodeInput condition)
    {
        DataType type = call.Type("Tcond", DataType.Bool);
        if (type == DataType.Bool)
            return condition;
        return Add($"{name}/cond", "Cast", [condition], ("SrcT", type), ("DstT", DataType.Bool));
    }

    /// <summary>Both branches, each fed by one side of Switches, and the Merges of their results.</summary>
    private NodeInput[] Branch(string name, NodeInput condition, NodeInput[] inputs, ImmutableArray<DataType> types, Func<string, NodeInput[], string, NodeInput[]> then, Func<string, NodeInput[], string, NodeInput[]> otherwise, ImmutableArray<DataType> results)
    {
        NodeInput pivot = Add($"{name}/pivot", "Switch", [condition, condition], ("T", DataType.Bool));
        string no = Add($"{name}/switch_f", "Identity", [pivot], ("T", DataType.Bool)).Node;
        string yes = Add($"{name}/switch_t", "Identity", [NodeInput.Data(pivot.Node, 1)], ("T", DataType.Bool)).Node;
        NodeInput[] switched = [.. inputs.Select((input, i) => Add(Numbered(name, "Switch", i), "Switch", [input, condition], ("T", types[i])))];
        NodeInput[] whenTrue = then(name, [.. switched.Select(input => NodeInput.Data(input.Node, 1))], yes);
        NodeInput[] whenFalse = otherwise(name, switched, no);
        return [.. whenTrue.Zip(whenFalse).Select((pair, i) => Add(Numbered(name, "Merge", i), "Merge", [pair.Second, pair.First], ("N", 2), ("T", results[i])))];
    }

    /// <summary>A chain of branches: number i is compared with the index, the last one takes the rest.</summary>
    private NodeInput[] Choose(Node call, string name, int number, NodeInput[] inputs, ImmutableArray<DataType> types)
    {
        var branches = call.FunctionList("branches");
        if (branches.Length == 1)
            return Body(call, branches[0], $"{name}/branch", inputs[1..], pivot: null);
        Node value = Node.Constant($"{name}/number", Tensor.Create<int>(DataType.Int32, TensorShape.Scalar, [number]));
        made.Add(value with { Inputs = [NodeInput.Control(inputs[0].Node)] });
        NodeInput isThis = Add($"{name}/is_{number.ToString(CultureInfo.InvariantCulture)}", "Equal", [inputs[0], value.Name], ("T", DataType.Int32));
        return Branch(name, isThis, inputs, types, then: (below, values, pivot) => Body(call, branches[number], $"{below}/branch", values[1..], pivot), otherwise: Rest, call.TypeList("Tout"));

        NodeInput[] Rest(string below, NodeInput[] values, string pivot) => number + 2 == branches.Length
            ? Body(call, branches[number + 1], $"{below}/last", values[1..], pivot)
            : Choose(call, $"{below}/else", number + 1, values, types);
    }

    private NodeInput[] Loop(Node call, string name, NodeInput[] inputs)
    {
        var types = call.TypeList("T");
        FunctionDefinition body = Function(call, call.Function("body"));
        bool[] isKept = [.. inputs.Select((_, i) => body.Returns.TryGetValue(body.Signature.Outputs[i].Name, out string? returned) && returned == body.Signature.Inputs[i].Name)];
        if (isKept.All(kept => kept))
            isKept = new bool[inputs.Length];
        NodeInput[] entered = [.. inputs.Select((input, i) => Add(Numbered(name, "Enter", i), "Enter", [input], ("T", types[i]), ("frame_name", $"{name}/frame"), ("is_constant", isKept[i]), ("parallel_iterations", call.Long("parallel_iterations", 10))))];
        NodeInput[] merged = [.. entered.Select((input, i) => isKept[i] ? input : Add(Numbered(name, "Merge", i), "Merge", [input, Numbered(name, "NextIteration", i)], ("N", 2), ("T", types[i])))];
        int first = System.Array.IndexOf(isKept, false);
        NodeInput condition = Body(call, call.Function("cond"), $"{name}/cond", merged, merged[first].Node)[0];
        NodeInput loopCondition = Add($"{name}/LoopCond", "LoopCond", [condition]);
        NodeInput[] switched = [.. merged.Select((input, i) => isKept[i] ? input : Add(Numbered(name, "Switch", i), "Switch", [input, loopCondition], ("T", types[i])))];
        NodeInput[] values = [.. switched.Select((input, i) => isKept[i] ? input : Add(Numbered(name, "Identity", i), "Identity", [NodeInput.Data(input.Node, 1)], ("T", types[i])))];
        NodeInput[] next = Body(call, call.Function("body"), $"{name}/body", values, values[first].Node);
        for (int i = 0; i < next.Length; i++)
        {
            if (!isKept[i])
                Add(Numbered(name, "NextIteration", i), "NextIteration", [next[i]], ("T", types[i]));
        }
        return [.. switched.Select((input, i) => isKept[i] ? inputs[i] : Add(Numbered(name, "Exit", i), "Exit", [input], ("T", types[i])))];
    }

    /// <summary>The nodes of a function, each that starts without data waiting for the pivot; its results.</summary>
    private NodeInput[] Body(Node call, FunctionValue called, string name, NodeInput[] arguments, string? pivot)
    {
        var body = new FunctionBody(graph.Functions, Function(call, called), AttributeMap.Create([.. call.Attributes, .. called.Attributes]), [.. arguments], inner => $"{name}/{inner}");
        foreach (Node node in body.Nodes)
        {
            bool waits = pivot is not null && (!node.DataInputs.Any() || IsCall(node)) && !node.Inputs.Contains(NodeInput.Control(pivot));
            made.Add(waits ? node with { Inputs = [.. node.Inputs, NodeInput.Control(pivot!)] } : node);
        }
        return [.. body.Results];
    }

    private FunctionDefinition Function(Node call, FunctionValue called) =>
        graph.Functions.Find(called.Name) ?? throw new TransformException(StatusKind.NotFound, $"function {called.Name} Not found", call.Name);

    private NodeInput Add(string name, string op, NodeInput[] inputs, params (string Name, AttributeValue Value)[] attributes)
    {
        made.Add(new Node(name, op, [.. inputs], AttributeMap.Of(attributes)));
        return name;
    }

    private static string Numbered(string name, string ending, int number) => string.Create(CultureInfo.InvariantCulture, $"{name}/{ending}_{number}");
}
