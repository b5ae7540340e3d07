namespace TransformFramework.TfLite.Writing;

/// <summary>Producers and consumers of a subgraph's tensors.</summary>
internal sealed class Uses
{
    private readonly Dictionary<TensorDraft, OperatorDraft> producers = [];
    private readonly Dictionary<TensorDraft, List<OperatorDraft>> consumers = [];
    private readonly SubgraphDraft graph;

    public Uses(SubgraphDraft graph)
    {
        this.graph = graph;
        foreach (OperatorDraft op in graph.Operators)
            Add(op);
    }

    /// <summary>The operator that computes a tensor, or null.</summary>
    public OperatorDraft? Producer(TensorDraft? tensor) => tensor is null ? null : producers.GetValueOrDefault(tensor);

    /// <summary>The operators that read a tensor, once for each input.</summary>
    public IReadOnlyList<OperatorDraft> Consumers(TensorDraft tensor) => consumers.TryGetValue(tensor, out var found) ? found : [];

    /// <summary>The only reader of a tensor that is no output, or null.</summary>
    public OperatorDraft? OnlyConsumer(TensorDraft tensor) => Consumers(tensor) is [var only] && !graph.Outputs.Contains(tensor) ? only : null;

    /// <summary>True when a tensor is read by operators of one kind only, and no output.</summary>
    public bool AreAll(TensorDraft tensor, string op) => Consumers(tensor) is { Count: > 0 } found && found.All(consumer => consumer.Name == op) && !graph.Outputs.Contains(tensor);

    /// <summary>Notes a new operator.</summary>
    public void Add(OperatorDraft op)
    {
        foreach (TensorDraft output in op.Outputs)
            producers[output] = op;
        foreach (TensorDraft? input in op.Inputs)
        {
            if (input is not null)
                (consumers.TryGetValue(input, out var list) ? list : consumers[input] = []).Add(op);
        }
    }

    /// <summary>Replaces an input.</summary>
    public void SetInput(OperatorDraft op, int index, TensorDraft? tensor)
    {
        if (index < op.Inputs.Count && op.Inputs[index] is { } old)
            consumers[old].Remove(op);
        while (op.Inputs.Count <= index)
            op.Inputs.Add(null);
        op.Inputs[index] = tensor;
        if (tensor is not null)
            (consumers.TryGetValue(tensor, out var list) ? list : consumers[tensor] = []).Add(op);
    }

    /// <summary>Replaces an output, and lets readers of another tensor read it.</summary>
    public void SetOutput(OperatorDraft op, int index, TensorDraft tensor)
    {
        producers.Remove(op.Outputs[index]);
        op.Outputs[index] = tensor;
        producers[tensor] = op;
    }

    /// <summary>Lets everything that reads a tensor read another one; outputs of the graph too.</summary>
    public void Redirect(TensorDraft from, TensorDraft to)
    {
        foreach (OperatorDraft op in Consumers(from).Distinct().ToArray())
        {
            for (int i = 0; i < op.Inputs.Count; i++)
            {
                if (op.Inputs[i] == from)
                    SetInput(op, i, to);
            }
        }
        graph.Outputs.Replace(from, to);
    }

    /// <summary>Takes an operator out.</summary>
    public void Remove(OperatorDraft op)
    {
        foreach (TensorDraft? input in op.Inputs)
        {
            if (input is not null)
                consumers[input].Remove(op);
        }
        foreach (TensorDraft output in op.Outputs.Where(output => Producer(output) == op))
            producers.Remove(output);
        graph.Operators.Remove(op);
    }
}
