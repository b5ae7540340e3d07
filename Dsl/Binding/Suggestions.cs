namespace TransformFramework.Dsl.Binding;

/// <summary>Guesses what a mistyped name was meant to be.</summary>
public static class Suggestions
{
    private const int LongestName = 100;

    /// <summary>The candidate with the fewest typing errors (insert, delete, replace, swap neighbours) from the name; of equal ones the longest, since characters are forgotten more often than added; null when all are too far off.</summary>
    public static string? Nearest(string name, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(candidates);
        if (name.Length is 0 or > LongestName)
            return null;
        int threshold = Math.Max(1, name.Length / 3);
        return candidates
            .Where(candidate => candidate.Length <= LongestName && Math.Abs(candidate.Length - name.Length) <= threshold)
            .Select(candidate => (Candidate: candidate, Distance: Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .Where(pair => pair.Distance <= threshold)
            .OrderBy(pair => pair.Distance)
            .ThenByDescending(pair => pair.Candidate.Length)
            .ThenBy(pair => pair.Candidate, StringComparer.Ordinal)
            .Select(pair => pair.Candidate)
            .FirstOrDefault();
    }

    /// <summary>Damerau-Levenshtein distance in its restricted form (optimal string alignment).</summary>
    private static int Distance(string left, string right)
    {
        int[,] distance = new int[left.Length + 1, right.Length + 1];
        for (int row = 0; row <= left.Length; row++)
            distance[row, 0] = row;
        for (int column = 0; column <= right.Length; column++)
            distance[0, column] = column;
        for (int row = 1; row <= left.Length; row++)
        {
            for (int column = 1; column <= right.Length; column++)
            {
                int replace = distance[row - 1, column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1);
                int best = Math.Min(replace, Math.Min(distance[row - 1, column], distance[row, column - 1]) + 1);
                bool swapped = row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
                distance[row, column] = swapped ? Math.Min(best, distance[row - 2, column - 2] + 1) : best;
            }
        }

        return distance[left.Length, right.Length];
    }
}
