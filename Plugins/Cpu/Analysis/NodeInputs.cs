namespace TransformFramework.Cpu.Analysis;

/// <summary>Where the data inputs of each node of a graph come from.</summary>
internal static class NodeInputs
{
    /// <summary>By node, then by input.</summary>
    public static TensorSource[][] Of(GraphAnalysis analysis)
    {
        TensorSource[][] inputs = [.. analysis.Nodes.Select(node => new TensorSource[node.DataInputs])];
        foreach (AnalyzedNode producer in analysis.Nodes)
        {
            foreach (AnalyzedEdge edge in producer.Edges.Where(edge => !edge.IsControl))
                inputs[edge.Consumer][edge.Slot] = new(producer.Index, edge.Port);
        }
        return inputs;
    }
}
