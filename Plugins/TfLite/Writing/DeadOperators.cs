namespace TransformFramework.TfLite.Writing;

/// <summary>Removes operators whose results nothing needs.</summary>
internal static class DeadOperators
{
    public static void Remove(SubgraphDraft graph)
    {
        HashSet<TensorDraft> needed = [.. graph.Outputs];
        foreach (OperatorDraft op in graph.Operators.Backwards().ToArray())
        {
            if (op.Outputs.Count > 0 && !op.Outputs.Exists(needed.Contains))
                graph.Operators.Remove(op);
            else
                needed.UnionWith(op.Inputs.OfType<TensorDraft>());
        }
    }
}
