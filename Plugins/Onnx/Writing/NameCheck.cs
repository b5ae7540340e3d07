using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Writing;

/// <summary>Checks that the nodes of a graph read what stands before them, as ONNX demands.</summary>
internal static class NameCheck
{
    /// <exception cref="InvalidOperationException">A node reads what nothing gives: a fault of a writer of ops.</exception>
    public static void Run(OnnxGraph graph) => Run(graph, []);

    private static void Run(OnnxGraph graph, HashSet<string> outer)
    {
        var given = new HashSet<string>(outer, StringComparer.Ordinal) { "" };
        given.UnionWith(graph.Inputs.Select(input => input.Name));
        given.UnionWith(graph.Initializers.Select(initializer => initializer.Name));
        foreach (OnnxNode node in graph.Nodes)
        {
            Require(node.Name, node.Inputs, given);
            foreach (OnnxGraph body in node.Attributes.Values.OfType<OnnxGraph>())
                Run(body, given);
            given.UnionWith(node.Outputs);
        }
        Require(graph.Name, graph.Outputs.Select(output => output.Name), given);
    }

    private static void Require(string reader, IEnumerable<string> names, HashSet<string> given)
    {
        if (names.FirstOrDefault(name => !given.Contains(name)) is { } missing)
            throw new InvalidOperationException($"'{reader}' reads '{missing}', which nothing before it gives");
    }
}
