namespace TransformFramework.TfLite.Writing;

/// <summary>Removes operators whose results nothing needs.</summary>
internal static class DeadOperators
{
    public static void Remove(SubgraphDraft graph)
    {
        HashSet<TensorDraft> needed = [.. graph.Outputs];
        var kept = new List<OperatorDraft>();
        for (int i = graph.Operators.Count - 1; i >= 0; i--)
        {
            OperatorDraft op = graph.Operators[i];
            if (op.Outputs.Count > 0 && !op.Outputs.Exists(needed.Contains))
                continue;
            needed.UnionWith(op.Inputs.OfType<TensorDraft>());
            kept.Add(op);
        }
        kept.Reverse();
        graph.Operators.Clear();
        graph.Operators.AddRange(kept);
    }
}
