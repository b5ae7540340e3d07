namespace TransformFramework.Workflows.Data;

/// <summary>Reads samples on other threads before they are asked for, a few at a time.</summary>
internal static class ReadAhead
{
    private const int MostAtOnce = 8;

    /// <summary>How many samples are in memory beside the one that is used.</summary>
    public static int AtOnce => Math.Min(Environment.ProcessorCount, MostAtOnce);

    /// <summary>The results in the items' order.</summary>
    /// <param name="items">The items; gone through by the caller's thread.</param>
    /// <param name="read">Makes a result of an item; called on several threads.</param>
    public static IEnumerable<TResult> InOrder<T, TResult>(IEnumerable<T> items, Func<T, TResult> read)
    {
        var pending = new Queue<Task<TResult>>();
        foreach (T item in items)
        {
            pending.Enqueue(Task.Run(() => read(item)));
            if (pending.Count > AtOnce)
                yield return pending.Dequeue().GetAwaiter().GetResult();
        }
        while (pending.TryDequeue(out var next))
            yield return next.GetAwaiter().GetResult();
    }
}
