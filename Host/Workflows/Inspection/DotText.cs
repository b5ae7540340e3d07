using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Inspection;

/// <summary>A graph in the language DOT of Graphviz: a box a node, dashed edges for control inputs, a label where an edge does not leave the first output.</summary>
public static class DotText
{
    /// <summary>The graph as DOT. Edges from nodes that the graph lacks are left out.</summary>
    public static string Write(Graph graph)
    {
        var text = new StringBuilder("digraph {\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n");
        foreach (Node node in graph.Nodes)
            text.Append("  ").Append(Quoted(node.Name)).Append(" [label=").Append(Quoted($"{node.Op}\n{node.Name}")).Append(node.Op == "Const" ? ", style=dashed" : "").Append("];\n");
        foreach (Node node in graph.Nodes)
        {
            foreach (NodeInput input in node.Inputs.Where(input => graph.TryFind(input.Node, out _)))
                text.Append("  ").Append(Quoted(input.Node)).Append(" -> ").Append(Quoted(node.Name)).Append(input.IsControl ? " [style=dashed]" : input.Port > 0 ? $" [label=\"{input.Port}\"]" : "").Append(";\n");
        }
        return text.Append("}\n").ToString();
    }

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
