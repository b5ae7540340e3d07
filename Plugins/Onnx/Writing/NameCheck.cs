using System.Collections.Immutable;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Writing;

/// <summary>Checks that the nodes of a graph read what stands before them, as ONNX demands.</summary>
internal static class NameCheck
{
    /// <exception cref="InvalidOperationException">A node reads what nothing gives: a fault of a writer of ops.</exception>
    public static void Run(OnnxGraph graph) => Run(graph, [[""]]);

    /// <param name="graph">The graph.</param>
    /// <param name="scopes">Names that are given so far in the graphs around it.</param>
    private static void Run(OnnxGraph graph, ImmutableStack<HashSet<string>> scopes)
    {
        HashSet<string> given = new(graph.Inputs.Select(input => input.Name), StringComparer.Ordinal);
        scopes = scopes.Push(given);
        given.UnionWith(graph.Initializers.Select(initializer => initializer.Name));
        foreach (OnnxNode node in graph.Nodes)
        {
            Require(node.Name, node.Inputs, scopes);
            foreach (OnnxGraph body in node.Attributes.Values.OfType<OnnxGraph>())
                Run(body, scopes);
            given.UnionWith(node.Outputs);
        }
        Require(graph.Name, graph.Outputs.Select(output => output.Name), scopes);
    }

    private static void Require(string reader, IEnumerable<string> names, ImmutableStack<HashSet<string>> scopes)
    {
        if (names.FirstOrDefault(name => !scopes.Any(scope => scope.Contains(name))) is { } missing)
            throw new InvalidOperationException($"'{reader}' reads '{missing}', which nothing before it gives");
    }
}
