using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Ops.Releases;

/// <summary>Checks the functions of a graph's library: their nodes as those of a graph, with placeholders for the arguments, and that every function that is called is there.</summary>
internal sealed class FunctionVerifier(Graph graph, NodeVerifier ops)
{
    private readonly FunctionIndex functions = new(graph.Functions);

    /// <summary>Problems of calls and of bodies.</summary>
    public IEnumerable<ReleaseProblem> Verify() => graph.Nodes.SelectMany(Missing).Concat(graph.Functions.Functions.SelectMany(Body));

    private IEnumerable<ReleaseProblem> Missing(Node node) =>
        from called in CallSite.Of(node, functions)?.Functions ?? []
        where functions.Find(called.Name) is null
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
            string[] names = [.. function.Signature.Inputs.Select(input => "argument/" + input.Name)];
            Node[] arguments = [.. function.Signature.Inputs.Select((input, i) => new Node(names[i], "Placeholder", []).With("dtype", input.Type))];
            var body = new FunctionBody(functions, function, AttributeMap.Empty, [.. names.Select(name => new NodeInput(name))], name => name);
            Graph inner = graph.WithNodes([.. arguments, .. body.Nodes]);
            var gone = GraphChecks.InvalidInputs(inner).Select(invalid => new ReleaseProblem("", $"Node '{invalid.Node.Name}': Unknown input node '{invalid.Input}'", invalid.Node)).ToList();
            return gone.Count > 0 ? gone : [.. new InputVerifier(inner, ops).Verify(_ => true)];
        }
        catch (TransformException error)
        {
            return [new("", error.Message, null)];
        }
    }
}
