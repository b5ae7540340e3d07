namespace TransformFramework.Cpu.Kernels.Detection;

/// <summary>A box that may be kept: its number, its score, and how many kept boxes it has been compared with.</summary>
internal readonly record struct Candidate(int Index, float Score, int Checked);

/// <summary>A binary heap with the highest score on top. Equal scores come out in the order of the usual C++ heap, since that shows in which boxes are kept.</summary>
internal sealed class CandidateHeap
{
    private readonly List<Candidate> items = [];

    public void Push(Candidate candidate)
    {
        items.Add(candidate);
        Rise(items.Count - 1, candidate);
    }

    public bool TryPop(out Candidate best)
    {
        best = default;
        if (items.Count == 0)
            return false;
        best = items[0];
        Candidate last = items[^1];
        items.RemoveAt(items.Count - 1);
        if (items.Count > 0)
            Rise(Sink(), last);
        return true;
    }

    /// <summary>Moves the better child up from the top to the bottom and gives the place that is left.</summary>
    private int Sink()
    {
        int hole = 0;
        for (int right = 2; right < items.Count; right = (2 * hole) + 2)
        {
            int better = items[right].Score < items[right - 1].Score ? right - 1 : right;
            items[hole] = items[better];
            hole = better;
        }
        int only = (2 * hole) + 1;
        if (only != items.Count - 1)
            return hole;
        items[hole] = items[only];
        return only;
    }

    private void Rise(int hole, Candidate candidate)
    {
        for (int parent = (hole - 1) / 2; hole > 0 && items[parent].Score < candidate.Score; parent = (hole - 1) / 2)
        {
            items[hole] = items[parent];
            hole = parent;
        }
        items[hole] = candidate;
    }
}
