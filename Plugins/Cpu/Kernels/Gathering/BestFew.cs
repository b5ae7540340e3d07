namespace TransformFramework.Cpu.Kernels.Gathering;

/// <summary>
/// The best of many numbered candidates on a binary heap whose root is the worst kept. Sifts as the C++ library's heap does, since TopK without sorting
/// hands out the heap's order.
/// </summary>
internal sealed class BestFew(int count, Comparison<int> order)
{
    private readonly List<int> heap = new(count + 1);
    private bool isFull;

    /// <summary>The candidates kept, in the heap's order.</summary>
    public ReadOnlySpan<int> Kept => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(heap)[..Math.Min(count, heap.Count)];

    public void Add(int candidate)
    {
        if (!isFull)
        {
            heap.Add(candidate);
            if (heap.Count <= count)
                return;
            for (int parent = (heap.Count - 2) / 2; parent >= 0; parent--)
                Sift(parent, heap.Count, heap[parent]);
            DropRoot();
            isFull = true;
        }
        else if (IsBetter(candidate, heap[0]))
        {
            heap[^1] = candidate;
            DropRoot();
        }
    }

    private bool IsBetter(int a, int b) => order(a, b) < 0;

    /// <summary>The last element takes the root's place among those before it.</summary>
    private void DropRoot()
    {
        int last = heap[^1];
        heap[^1] = heap[0];
        Sift(0, heap.Count - 1, last);
    }

    /// <summary>Lets the hole sink to the bottom, then lifts the value from there.</summary>
    private void Sift(int hole, int length, int value)
    {
        int top = hole;
        int child = hole;
        while (child < (length - 1) / 2)
        {
            child = 2 * (child + 1);
            if (IsBetter(heap[child], heap[child - 1]))
                child--;
            heap[hole] = heap[child];
            hole = child;
        }
        if (length % 2 == 0 && child == (length - 2) / 2)
        {
            child = (2 * child) + 1;
            heap[hole] = heap[child];
            hole = child;
        }
        for (int parent = (hole - 1) / 2; hole > top && IsBetter(heap[parent], value); parent = (hole - 1) / 2)
        {
            heap[hole] = heap[parent];
            hole = parent;
        }
        heap[hole] = value;
    }
}
