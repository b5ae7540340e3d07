using System.Collections;

namespace TransformFramework.TfLite.Writing;

/// <summary>Outputs of a subgraph in order; a tensor may be several. Looking one up takes constant time.</summary>
internal sealed class OutputList : IReadOnlyList<TensorDraft>
{
    private readonly List<TensorDraft> tensors = [];
    private readonly Dictionary<TensorDraft, SortedSet<int>> places = [];

    public int Count => tensors.Count;

    public TensorDraft this[int index]
    {
        get => tensors[index];
        set
        {
            Forget(index);
            tensors[index] = value;
            Note(index);
        }
    }

    public void Add(TensorDraft tensor)
    {
        tensors.Add(tensor);
        Note(tensors.Count - 1);
    }

    public void AddRange(IEnumerable<TensorDraft> added)
    {
        foreach (TensorDraft tensor in added)
            Add(tensor);
    }

    public void Clear()
    {
        tensors.Clear();
        places.Clear();
    }

    public bool Contains(TensorDraft tensor) => places.ContainsKey(tensor);

    /// <summary>The first place of a tensor, or -1.</summary>
    public int IndexOf(TensorDraft tensor) => places.TryGetValue(tensor, out SortedSet<int>? own) ? own.Min : -1;

    /// <summary>Puts a tensor in the place of another.</summary>
    public void Replace(TensorDraft from, TensorDraft to)
    {
        foreach (int index in places.TryGetValue(from, out SortedSet<int>? own) ? own.ToArray() : [])
            this[index] = to;
    }

    public IEnumerator<TensorDraft> GetEnumerator() => tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Note(int index)
    {
        if (!places.TryGetValue(tensors[index], out SortedSet<int>? own))
            places[tensors[index]] = own = [];
        own.Add(index);
    }

    private void Forget(int index)
    {
        SortedSet<int> own = places[tensors[index]];
        own.Remove(index);
        if (own.Count == 0)
            places.Remove(tensors[index]);
    }
}
