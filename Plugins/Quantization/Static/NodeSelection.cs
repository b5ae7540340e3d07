using System.Text.RegularExpressions;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>Nodes by pattern: a name with * and ?, <c>op:TYPE</c>, or <c>re:EXPRESSION</c> that matches somewhere in the name.</summary>
internal sealed class NodeSelection
{
    private readonly HashSet<string> selected = new(StringComparer.Ordinal);

    /// <exception cref="TransformException">A pattern matches no candidate, or is not an expression.</exception>
    public NodeSelection(string option, IReadOnlyList<string> patterns, IReadOnlyList<Node> candidates)
    {
        IsEmpty = patterns.Count == 0;
        foreach (string pattern in patterns)
        {
            Func<Node, bool> matches = Matcher(option, pattern);
            string[] names = [.. candidates.Where(matches).Select(node => node.Name)];
            if (names.Length == 0)
                throw new TransformException($"{option}=\"{pattern}\" matches none of the {candidates.Count} nodes with weights") { Suggestion = Nearest(pattern, candidates) };
            selected.UnionWith(names);
        }
    }

    /// <summary>True without patterns.</summary>
    public bool IsEmpty { get; }

    /// <summary>True when a pattern matches the node.</summary>
    public bool Contains(Node node) => selected.Contains(node.Name);

    private static Func<Node, bool> Matcher(string option, string pattern)
    {
        if (pattern.StartsWith("op:", StringComparison.Ordinal))
            return node => node.Op == pattern[3..];
        string expression = pattern.StartsWith("re:", StringComparison.Ordinal)
            ? pattern[3..]
            : $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal)}$";
        try
        {
            var regex = new Regex(expression, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            return node => regex.IsMatch(node.Name);
        }
        catch (ArgumentException error)
        {
            throw new TransformException($"{option}=\"{pattern}\" is not a regular expression: {error.Message}");
        }
        catch (NotSupportedException error)
        {
            throw new TransformException($"{option}=\"{pattern}\" is a regular expression that is not matched in linear time: {error.Message}") { Suggestion = "Leave out lookarounds and backreferences; several patterns may be given." };
        }
    }

    private static string Nearest(string pattern, IReadOnlyList<Node> candidates)
    {
        string text = pattern[(pattern.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim('*');
        bool isOp = pattern.StartsWith("op:", StringComparison.Ordinal);
        var names = candidates.Select(node => isOp ? node.Op : node.Name).Distinct(StringComparer.Ordinal).OrderBy(name => Distance(text, name)).Take(3);
        return $"Near names: {string.Join(", ", names)}.";
    }

    /// <summary>Number of edits between two texts (V. Levenshtein, 1966).</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
