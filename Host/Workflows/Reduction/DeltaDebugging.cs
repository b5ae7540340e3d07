namespace TransformFramework.Workflows.Reduction;

/// <summary>Finds a small part of a list that still passes a test: ddmin of Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002.</summary>
internal static class DeltaDebugging
{
    /// <summary>A sublist that passes and of which no single item can be left out.</summary>
    /// <param name="items">A list that passes.</param>
    /// <param name="passes">The test.</param>
    public static IReadOnlyList<T> Minimum<T>(IReadOnlyList<T> items, Func<IReadOnlyList<T>, bool> passes)
    {
        if (items.Count > 0 && passes([]))
            return [];
        int parts = 2;
        while (items.Count >= 2)
        {
            T[][] chunks = [.. items.Chunk((items.Count + parts - 1) / parts)];
            if (chunks.FirstOrDefault(chunk => chunk.Length < items.Count && passes(chunk)) is { } enough)
                (items, parts) = (enough, 2);
            else if (chunks.Length > 2 && Complements(chunks).FirstOrDefault(passes) is { } rest)
                (items, parts) = (rest, Math.Max(parts - 1, 2));
            else if (parts >= items.Count)
                break;
            else
                parts = Math.Min(parts * 2, items.Count);
        }
        return items;
    }

    private static IEnumerable<T[]> Complements<T>(T[][] chunks) => Enumerable.Range(0, chunks.Length).Select(left => chunks.Where((_, i) => i != left).SelectMany(chunk => chunk).ToArray());
}
