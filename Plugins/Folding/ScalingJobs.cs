using TransformFramework.Graphs;

namespace TransformFramework.Folding;

/// <summary>
/// Scales weights on other processors while a graph is searched further: most of the time goes into reading them from the file. The tensors may be read after <see cref="Finish"/>; until then, or
/// <see cref="Dispose"/>, the graph's file must stay open.
/// </summary>
internal sealed class ScalingJobs : IDisposable
{
    /// <summary>Shorter weights are scaled at once.</summary>
    private const int Least = 1 << 14;

    private readonly List<Task> jobs = [];

    /// <summary>w[i]·factors[i mod columns], each product rounded once.</summary>
    public Tensor Scale(Tensor weights, float[] factors)
    {
        if (weights.ElementCount < Least)
            return FilterColumns.Scale(weights, factors);
        byte[] content = GC.AllocateUninitializedArray<byte>(checked((int)(weights.ElementCount * sizeof(float))));
        jobs.Add(Task.Run(() => FilterColumns.Scale(weights, factors, content)));
        return Tensor.FromContent(DataType.Float, weights.Shape, content);
    }

    /// <summary>Waits until all weights are scaled.</summary>
    /// <exception cref="TransformFramework.ModelFiles.ModelFormatException">A file cannot be read.</exception>
    public void Finish()
    {
        Dispose();
        foreach (Task job in jobs)
            job.GetAwaiter().GetResult();
        jobs.Clear();
    }

    /// <summary>Waits, whatever comes of it.</summary>
    public void Dispose()
    {
        foreach (Task job in jobs)
            ((IAsyncResult)job).AsyncWaitHandle.WaitOne();
    }
}
