using System.Collections;

namespace TransformFramework.TfLite.Writing;

/// <summary>Operators of a subgraph in execution order. Looking one up, taking it out and inserting beside it take constant time.</summary>
internal sealed class OperatorList : IEnumerable<OperatorDraft>
{
    private readonly LinkedList<OperatorDraft> order = [];
    private readonly Dictionary<OperatorDraft, LinkedListNode<OperatorDraft>> places = [];
    private readonly Dictionary<TensorDraft, OperatorDraft> producers = [];

    /// <summary>Adds an operator behind all others.</summary>
    public void Add(OperatorDraft op)
    {
        places.Add(op, order.AddLast(op));
        foreach (TensorDraft output in op.Outputs)
            producers[output] = op;
    }

    /// <summary>Adds an operator before all others.</summary>
    public void AddFirst(OperatorDraft op) => places.Add(op, order.AddFirst(op));

    public void InsertBefore(OperatorDraft place, OperatorDraft op) => places.Add(op, order.AddBefore(places[place], op));

    public void InsertAfter(OperatorDraft place, OperatorDraft op) => places.Add(op, order.AddAfter(places[place], op));

    public bool Contains(OperatorDraft op) => places.ContainsKey(op);

    public void Remove(OperatorDraft op)
    {
        if (places.Remove(op, out LinkedListNode<OperatorDraft>? place))
            order.Remove(place);
    }

    /// <summary>The operator that was added with a tensor among its outputs, or null; <see cref="Uses"/> tells it of operators that were changed since.</summary>
    public OperatorDraft? Producer(TensorDraft tensor) => producers.GetValueOrDefault(tensor);

    /// <summary>The operators from the last to the first.</summary>
    public IEnumerable<OperatorDraft> Backwards()
    {
        for (LinkedListNode<OperatorDraft>? place = order.Last; place is not null; place = place.Previous)
            yield return place.Value;
    }

    public IEnumerator<OperatorDraft> GetEnumerator() => order.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
