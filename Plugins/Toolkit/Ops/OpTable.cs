using System.Collections.Concurrent;
using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops;

/// <summary>Which TensorFlow's ops a look-up means.</summary>
public enum OpRelease
{
    /// <summary>Every op of all releases from 0.12 to 2.21, with every attribute that it ever had, and the newest defaults.</summary>
    Union,

    /// <summary>The ops, attributes and defaults of TensorFlow 1.15.</summary>
    Tf115,

    /// <summary>The ops, attributes and defaults of TensorFlow 2.12.</summary>
    Tf212,
}

/// <summary>The ops of TensorFlow, and those that plugins declare: arguments, attributes with defaults, statefulness. Thread-safe; a definition is parsed when it is first asked for.</summary>
public static class OpTable
{
    private static readonly byte[] Text = ReadText("ops.txt");
    private static readonly byte[] More = ReadText("ops-more.txt");
    private static readonly ConcurrentDictionary<string, OpDefinition> Declared = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, OpDefinition?>[] Parsed = [new(StringComparer.Ordinal), new(StringComparer.Ordinal), new(StringComparer.Ordinal)];

    /// <summary>Every op name of all releases.</summary>
    public static IEnumerable<string> Names => new[] { Text, More }.SelectMany(text => Encoding.UTF8.GetString(text).Split('\n', StringSplitOptions.RemoveEmptyEntries)).Select(NameOf).Distinct(StringComparer.Ordinal);

    /// <summary>The definition of an op as of a release, or null when the release has none of that name. The union of all releases holds the ops that plugins declare, too.</summary>
    public static OpDefinition? Find(string op, OpRelease release = OpRelease.Union) =>
        Parsed[(int)release].GetOrAdd(op, static (op, release) => Line(op, release) is { } line ? OpLineParser.Parse(line, release) : null, release)
        ?? (release == OpRelease.Union && DeclaredOps.Find(op) is { } declaration ? Declared.GetOrAdd(declaration, Parse) : null);

    /// <summary>The op of a declaration.</summary>
    /// <exception cref="FormatException">The text does not follow the grammar of <see cref="OpAttribute"/>.</exception>
    public static OpDefinition Parse(string declaration) => OpLineParser.ParseDeclaration(declaration);

    private static string NameOf(string line)
    {
        int start = line.StartsWith('@') ? line.IndexOf(' ', StringComparison.Ordinal) + 1 : 0;
        return line[start..line.IndexOf('(', start)];
    }

    /// <summary>The line of an op; for the union of all releases one of the second table goes before one of the first.</summary>
    private static string? Line(string op, OpRelease release) => (release == OpRelease.Union ? Line(op, More) : null) ?? Line(op, Text);

    /// <summary>The line of an op: one that begins with its name, or with a release and its name.</summary>
    private static string? Line(string op, byte[] text)
    {
        if (op.Length == 0 || op[0] == '@')
            return null;
        byte[] head = Encoding.UTF8.GetBytes(op + "(");
        for (int from = 0; text.AsSpan(from).IndexOf(head) is >= 0 and var at; from += at + 1)
        {
            ReadOnlySpan<byte> before = text.AsSpan(0, from + at);
            int start = before.LastIndexOf((byte)'\n') + 1;
            bool isName = start == before.Length || (before[start] == '@' && before[start..].IndexOf((byte)' ') == before.Length - start - 1);
            if (!isName)
                continue;
            ReadOnlySpan<byte> line = text.AsSpan(start);
            int end = line.IndexOf((byte)'\n');
            return Encoding.UTF8.GetString(end < 0 ? line : line[..end]);
        }
        return null;
    }

    private static byte[] ReadText(string name)
    {
        using Stream stream = typeof(OpTable).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the op table {name} is missing from the assembly");
        byte[] text = new byte[stream.Length];
        stream.ReadExactly(text);
        return text;
    }
}
