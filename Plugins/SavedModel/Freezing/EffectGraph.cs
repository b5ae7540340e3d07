using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.SavedModel.Freezing;

/// <summary>A part of a graph that runs for its effect (restores variables, fills tables), without calls.</summary>
internal sealed class EffectGraph
{
    private readonly Lazy<Dictionary<string, NodeInput>> assigned;

    private EffectGraph(Graph graph)
    {
        Graph = graph;
        assigned = new(Assignments);
    }

    /// <summary>The nodes, with calls inlined.</summary>
    public Graph Graph { get; }

    /// <summary>What some nodes need, with calls inlined.</summary>
    /// <exception cref="Transforms.TransformException">A function is missing or calls itself.</exception>
    public static EffectGraph Of(Graph graph, IEnumerable<string> nodes, CancellationToken cancellation) =>
        new(FunctionInliner.Inline(graph.NeededBy(nodes), [], exactNames: false, cancellation).Graph);

    /// <summary>The node and port that a value comes from: through Identity, through variables that are assigned here, and, where asked for, through Reshape.</summary>
    public (Node Node, int Port, bool IsReshaped)? Origin(NodeInput input, bool throughReshape = false)
    {
        bool isReshaped = false;
        bool isValue = false;
        for (int i = 0; i <= 2 * Graph.Nodes.Length && Graph.Find(input.Node) is { } node; i++)
        {
            bool passes = node.Op is "Identity" or "RefIdentity" or "IdentityN" or "ReadVariableOp" || (throughReshape && node.Op == "Reshape");
            bool isRead = VariableOps.IsVariable(node) && assigned.Value.ContainsKey(node.Name) && (isValue || VariableOps.IsReferenceVariable(node));
            if (!passes && !isRead)
                return (node, input.Port, isReshaped);
            isReshaped |= node.Op == "Reshape";
            isValue |= node.Op == "ReadVariableOp";
            input = isRead ? assigned.Value[node.Name] : node.DataInputs.ElementAtOrDefault(node.Op == "IdentityN" ? input.Port : 0);
            if (input.Text is null)
                return null;
        }
        return null;
    }

    /// <summary>The node that a handle or a reference comes from.</summary>
    public Node? Target(NodeInput handle)
    {
        for (int i = 0; i <= Graph.Nodes.Length && Graph.Find(handle.Node) is { } node; i++)
        {
            if (node.Op is not ("Identity" or "RefIdentity" or "IdentityN"))
                return node;
            handle = node.DataInputs.ElementAtOrDefault(node.Op == "IdentityN" ? handle.Port : 0);
            if (handle.Text is null)
                return null;
        }
        return null;
    }

    /// <summary>The texts of a constant.</summary>
    public ImmutableArray<string> Texts(NodeInput input) => Origin(input) is { Node: { Op: "Const" } node } && node.TensorAttribute("value") is { Type: DataType.String, IsDecodable: true } tensor
        ? [.. tensor.Strings.Select(text => System.Text.Encoding.UTF8.GetString(text.Span))]
        : [];

    private Dictionary<string, NodeInput> Assignments()
    {
        var found = new Dictionary<string, NodeInput>(StringComparer.Ordinal);
        foreach (Node node in Graph.Nodes.Where(node => node.Op is "Assign" or "AssignVariableOp"))
        {
            NodeInput[] inputs = [.. node.DataInputs];
            if (inputs.Length > 1 && Target(inputs[0]) is { } variable)
                found[variable.Name] = inputs[1];
        }
        return found;
    }
}
