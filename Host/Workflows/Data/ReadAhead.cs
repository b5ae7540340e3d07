using TransformFramework.Toolkit.Sampling;

namespace TransformFramework.Workflows.Data;

/// <summary>Reads samples on other threads before they are asked for, a few at a time.</summary>
internal static class ReadAhead
{
    private const int MostAtOnce = 8;

    /// <summary>The most results that are in memory.</summary>
    public static int MostInMemory => (AtOnce + 2) * SampleRuns.MostTogether;

    private static int AtOnce => Math.Min(Environment.ProcessorCount, MostAtOnce);

    /// <summary>The results in the items' order, read before they are asked for.</summary>
    /// <param name="items">The items; gone through by the caller's thread.</param>
    /// <param name="read">Makes a result of an item; called on several threads.</param>
    public static IEnumerable<TResult> InOrder<T, TResult>(IEnumerable<T> items, Func<T, TResult> read) => SampleRuns.InOrder(items, read, CancellationToken.None, AtOnce);
}
