using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Ops.Releases;

/// <summary>Checks the functions of a graph's library: their nodes as those of a graph, with placeholders for the arguments, and that every function that is called is there.</summary>
internal sealed class FunctionVerifier(Graph graph, NodeVerifier ops)
{
    private readonly HashSet<string> known = [.. graph.Functions.Functions.Select(function => function.Signature.Name)];

    /// <summary>Problems of calls and of bodies.</summary>
    public IEnumerable<ReleaseProblem> Verify() => graph.Nodes.SelectMany(Missing).Concat(graph.Functions.Functions.SelectMany(Body));

    private IEnumerable<ReleaseProblem> Missing(Node node) =>
        from attribute in node.Attributes
        where !attribute.Key.StartsWith('_')
        from called in AttributeKinds.Elements(attribute.Value).OfType<FunctionValue>()
        where called.Name.Length > 0 && !known.Contains(called.Name)
        select new ReleaseProblem("", $"node '{node.Name}' ({node.Op}) calls function '{called.Name}', which the library does not have", node);

    private IEnumerable<ReleaseProblem> Body(FunctionDefinition function)
    {
        var problems = new List<ReleaseProblem>();
        foreach (Node node in function.Nodes)
        {
            problems.AddRange(ops.Verify(node));
            problems.AddRange(Missing(node));
        }
        if (problems.Count == 0 && !IsGeneric(function))
            problems.AddRange(Inputs(function));
        return problems.Select(problem => problem with { Message = $"in function '{function.Signature.Name}': {problem.Message}" });
    }

    /// <summary>True for a function whose types are those of a call.</summary>
    private static bool IsGeneric(FunctionDefinition function) =>
        function.Signature.Inputs.Any(input => input.TypeAttribute.Length + input.TypeListAttribute.Length + input.NumberAttribute.Length > 0)
        || function.Nodes.Any(node => node.Attributes.Any(attribute => attribute.Value is PlaceholderValue));

    private IEnumerable<ReleaseProblem> Inputs(FunctionDefinition function)
    {
        try
        {
            var body = function.Nodes.DistinctBy(node => node.Name, StringComparer.Ordinal).ToDictionary(node => node.Name, StringComparer.Ordinal);
            Node[] arguments = [.. function.Signature.Inputs.Where(input => !body.ContainsKey(input.Name)).Select(input => new Node(input.Name, "Placeholder", []).With("dtype", input.Type))];
            Graph inner = graph.WithNodes([.. arguments, .. function.Nodes.Select(node => node with { Inputs = [.. node.Inputs.Select(input => Flat(input, body))] })]);
            var gone = GraphChecks.InvalidInputs(inner).Select(invalid => new ReleaseProblem("", $"Node '{invalid.Node.Name}': Unknown input node '{invalid.Input}'", invalid.Node)).ToList();
            return gone.Count > 0 ? gone : [.. new InputVerifier(inner, ops).Verify(_ => true)];
        }
        catch (TransformException error)
        {
            return [new("", error.Message, null)];
        }
    }

    /// <summary>A reference <c>node:output:index</c> of a body as one to a port.</summary>
    private NodeInput Flat(NodeInput input, Dictionary<string, Node> body)
    {
        string[] parts = input.Text.Split(':');
        if (input.IsControl || parts.Length < 3 || !body.TryGetValue(parts[0], out Node? producer) || ops.Definition(producer) is not { } definition)
            return input;
        int first = OpTypes.FirstPort(OpDefaults.Complete(producer), definition, parts[1]);
        return NodeInput.Data(producer.Name, first < 0 || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? -1 : first + index);
    }
}
