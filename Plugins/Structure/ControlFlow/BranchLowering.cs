using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Structure.ControlFlow;

/// <summary>One If or Case as Switch and Merge nodes: each branch gets its arguments through switches that are alive only when it is chosen.</summary>
internal sealed class BranchLowering(Graph graph, Node site, CallSite call, FunctionIndex functions)
{
    private readonly List<Node> nodes = [];
    private readonly string prefix = graph.FreeName(site.Name + "/branches");
    private readonly NodeInput[] controls = [.. site.ControlInputs];

    public IEnumerable<Node> Nodes()
    {
        NodeInput[] inputs = [.. site.DataInputs];
        ImmutableArray<AttributeValue> argumentTypes = LowerControlFlow.Types(site, "Tin");
        ImmutableArray<AttributeValue> resultTypes = LowerControlFlow.Types(site, "Tout");
        var results = new List<ImmutableArray<NodeInput>>();
        var ends = new List<NodeInput>();
        int number = 0;
        foreach (var (predicate, port) in Choices(inputs[0]))
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{prefix}/{number}");
            Node choice = Add(new Node($"{name}/choice", "Switch", predicate, predicate).With("T", DataType.Bool));
            Node pivot = Add(new Node($"{name}/pivot", "Identity", NodeInput.Data(choice.Name, port)).With("T", DataType.Bool));
            var arguments = inputs.Skip(1).Select((input, i) => NodeInput.Data(Add(WithType(new Node(string.Create(CultureInfo.InvariantCulture, $"{name}/switch_{i}"), "Switch", input, predicate), argumentTypes, i)).Name, port));
            FunctionBody body = LowerControlFlow.Body(site, call.Functions[number], functions, [.. arguments], name);
            nodes.AddRange(LowerControlFlow.Placed(body, NodeInput.Control(pivot.Name), site.Device));
            results.Add(body.Results);
            ends.Add(Add(new Node($"{name}/end", "Identity", [pivot.Name, .. body.ControlReturns.Distinct(StringComparer.Ordinal).Select(NodeInput.Control)]).With("T", DataType.Bool)).Name);
            number++;
        }
        Node done = Add(Merge("done", ends, DataType.Bool));
        var merged = resultTypes.Select((type, i) => new NodeInput(Add(Merge(string.Create(CultureInfo.InvariantCulture, $"merge_{i}"), results.Select(result => result[i]), type)).Name));
        Node outputs = LowerControlFlow.Outputs(site, [.. merged], resultTypes, [NodeInput.Control(done.Name)]);
        return [.. nodes, outputs];
    }

    /// <summary>For each branch a truth value and the port of Switch on which it is chosen.</summary>
    private List<(NodeInput Predicate, int Port)> Choices(NodeInput selector)
    {
        if (site.Op is "If" or "StatelessIf")
        {
            var (predicate, cast) = LowerControlFlow.Predicate(site, selector, site.TypeAttribute("Tcond") ?? DataType.Bool, $"{prefix}/predicate");
            nodes.AddRange(cast);
            predicate = Waiting(predicate);
            return [(predicate, 1), (predicate, 0)];
        }
        selector = Waiting(selector, DataType.Int32);
        var choices = new List<(NodeInput, int)>();
        NodeInput? before = null;
        for (int i = 0; i < call.Functions.Length - 1; i++)
        {
            Node value = Add(Node.Constant(string.Create(CultureInfo.InvariantCulture, $"{prefix}/{i}/number"), Tensor.Scalar(i)));
            Node equal = Add(new Node(string.Create(CultureInfo.InvariantCulture, $"{prefix}/{i}/equal"), "Equal", selector, value.Name).With("T", DataType.Int32));
            choices.Add((equal.Name, 1));
            before = before is null ? equal.Name : new NodeInput(Add(new Node(string.Create(CultureInfo.InvariantCulture, $"{prefix}/{i}/any"), "LogicalOr", before.Value, equal.Name)).Name);
        }
        if (before is null)
        {
            Node always = Add(new Node($"{prefix}/always", "Equal", selector, selector).With("T", DataType.Int32));
            return [(always.Name, 1)];
        }
        choices.Add((before.Value, 0));
        return choices;
    }

    /// <summary>The selector after the site's control inputs.</summary>
    private NodeInput Waiting(NodeInput selector, DataType type = DataType.Bool) =>
        controls.Length == 0 ? selector : new(Add(new Node($"{prefix}/selector", "Identity", [selector, .. controls]).With("T", type)).Name);

    private static Node WithType(Node node, ImmutableArray<AttributeValue> types, int index) => index < types.Length ? node.With("T", types[index]) : node;

    private Node Merge(string name, IEnumerable<NodeInput> values, AttributeValue type)
    {
        NodeInput[] inputs = [.. values];
        return new Node($"{prefix}/{name}", "Merge", inputs).With("T", type).With("N", inputs.Length);
    }

    private Node Add(Node node)
    {
        node = node with { Device = site.Device };
        nodes.Add(node);
        return node;
    }
}
