using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Functions;

/// <summary>A graph and the bodies of its functions as scopes. A body is read when it is first asked for. Not thread-safe.</summary>
public sealed class ScopedGraph(Graph graph, IEnumerable<string> outputs)
{
    private readonly Dictionary<string, GraphScope?> scopes = new(StringComparer.Ordinal) { [""] = GraphScope.Of(graph, outputs) };

    /// <summary>The functions of the graph's library.</summary>
    public FunctionIndex Functions { get; } = new(graph.Functions);

    /// <summary>The graph itself, with the outputs as results.</summary>
    public GraphScope Main => scopes[""]!;

    /// <summary>The body of a function, or the graph for the empty name; null when the library has no such function.</summary>
    /// <exception cref="Transforms.TransformException">The body is malformed.</exception>
    public GraphScope? Find(string function)
    {
        if (!scopes.TryGetValue(function, out GraphScope? scope))
            scopes.Add(function, scope = Functions.Find(function) is { } definition ? GraphScope.Of(definition, Functions) : null);
        return scope;
    }

    /// <summary>The graph with other nodes and functions; functions that nothing reaches any more are dropped.</summary>
    /// <param name="nodes">The graph's nodes.</param>
    /// <param name="changed">Functions that take the place of those of the library.</param>
    public Graph With(ImmutableArray<Node> nodes, IReadOnlyDictionary<string, FunctionDefinition> changed)
    {
        var kept = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Queue<IEnumerable<Node>>([nodes]);
        while (pending.TryDequeue(out var body))
        {
            foreach (string name in body.SelectMany(node => CallSite.Mentioned(node).Prepend(node.Op)))
            {
                if ((changed.GetValueOrDefault(name) ?? Functions.Find(name)) is { } function && kept.Add(name))
                    pending.Enqueue(function.Nodes);
            }
        }
        ImmutableArray<FunctionDefinition> functions = [.. graph.Functions.Functions.Where(function => kept.Remove(function.Signature.Name)).Select(function => changed.GetValueOrDefault(function.Signature.Name, function))];
        return graph.WithNodes(nodes).WithFunctions(functions.IsEmpty ? FunctionLibrary.Empty : graph.Functions with { Functions = functions, Gradients = [] });
    }
}
