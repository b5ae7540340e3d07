using System.Collections.Concurrent;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops;

/// <summary>Which TensorFlow's ops a look-up means.</summary>
public enum OpRelease
{
    /// <summary>Every op of 1.15 and 2.12, with the newer attributes and defaults.</summary>
    Union,

    /// <summary>The ops, attributes and defaults of TensorFlow 1.15.</summary>
    Tf115,

    /// <summary>The ops, attributes and defaults of TensorFlow 2.12.</summary>
    Tf212,
}

/// <summary>The ops of TensorFlow: arguments, attributes with defaults, statefulness. Thread-safe; a definition is parsed when it is first asked for.</summary>
public static class OpTable
{
    private static readonly Lazy<Dictionary<string, string>> Lines = new(ReadLines);
    private static readonly ConcurrentDictionary<string, OpDefinition?>[] Parsed = [new(StringComparer.Ordinal), new(StringComparer.Ordinal), new(StringComparer.Ordinal)];

    /// <summary>Every op name of both releases.</summary>
    public static IEnumerable<string> Names => Lines.Value.Keys;

    /// <summary>The definition of an op as of a release, or null when the release has none of that name.</summary>
    public static OpDefinition? Find(string op, OpRelease release = OpRelease.Union) =>
        Parsed[(int)release].GetOrAdd(op, static (op, release) => Lines.Value.TryGetValue(op, out string? line) ? OpLineParser.Parse(line, release) : null, release);

    private static Dictionary<string, string> ReadLines()
    {
        using Stream stream = typeof(OpTable).Assembly.GetManifestResourceStream("ops.txt")
            ?? throw new InvalidOperationException("the op table is missing from the assembly");
        using var reader = new StreamReader(stream);
        var lines = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            int start = line.StartsWith('@') ? line.IndexOf(' ', StringComparison.Ordinal) + 1 : 0;
            int end = line.IndexOf('(', start);
            if (end > start)
                lines[line[start..end]] = line;
        }
        return lines;
    }
}
