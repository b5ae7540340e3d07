namespace TransformFramework;

/// <summary>What code allocates when it has run before.</summary>
internal static class SteadyState
{
    private const int Rounds = 5;
    private const int Calls = 10;

    /// <summary>Bytes that this thread allocates in ten calls: the least of five rounds, since the runtime itself allocates at times.</summary>
    public static long AllocatedBytes(Action action)
    {
        action();
        return Enumerable.Range(0, Rounds).Min(_ => Round(action));
    }

    private static long Round(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Calls; i++)
            action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
