using TransformFramework.Graphs;

namespace TransformFramework.TfLite.Writing;

/// <summary>Nodes that become a subgraph: the body of a function, or what a loop frame holds.</summary>
/// <param name="Name">Name of the subgraph.</param>
/// <param name="Graph">The nodes.</param>
/// <param name="Arguments">For each argument the tensors that are it.</param>
/// <param name="Results">What the subgraph gives.</param>
internal sealed record LoopScope(string Name, Graph Graph, IReadOnlyList<NodeInput[]> Arguments, IReadOnlyList<NodeInput> Results)
{
    /// <summary>True when a result is the argument of the same place.</summary>
    public bool Keeps(int index)
    {
        NodeInput result = Results[index];
        while (Graph.Find(result.Node) is { Op: "Identity" } identity)
            result = identity.Inputs[0];
        return Arguments[index].Any(argument => argument.Canonical == result.Canonical);
    }
}
