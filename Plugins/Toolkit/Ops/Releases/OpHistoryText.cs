using System.Text;

namespace TransformFramework.Toolkit.Ops.Releases;

/// <summary>The text of all histories: blocks of lines in sections, in the grammar that its first lines describe.</summary>
internal static class OpHistoryText
{
    private const string Core = "[core]";

    private static readonly Lazy<byte[]> Text = new(Read);

    /// <summary>The lines of an op in the section of the CPU builds: its first declaration, then its changes; null when no release has it.</summary>
    public static string[]? Block(string op)
    {
        byte[] head = Encoding.UTF8.GetBytes(op + "(");
        ReadOnlySpan<byte> text = Text.Value;
        for (int from = 0; op.Length > 0 && text[from..].IndexOf(head) is >= 0 and var found; from += found + 1)
        {
            int at = from + found;
            int start = text[..at].LastIndexOf((byte)'\n') + 1;
            if (IsHead(text[start..at]))
                return Lines(text[start..]);
        }
        return null;
    }

    /// <summary>Names of all ops of the section.</summary>
    public static IEnumerable<string> Names() =>
        Encoding.UTF8.GetString(Text.Value).Split('\n').Where(line => line.Length > 0 && line[0] is not (' ' or '[')).Select(line => line[..line.IndexOf('(', StringComparison.Ordinal)].Split(' ')[^1]);

    /// <summary>True for nothing or a release, which may be before the name in a block's first line.</summary>
    private static bool IsHead(ReadOnlySpan<byte> before)
    {
        if (before.IsEmpty)
            return true;
        return before[^1] == ' ' && char.IsAsciiDigit((char)before[0]) && !before[..^1].Contains((byte)' ');
    }

    private static string[] Lines(ReadOnlySpan<byte> text)
    {
        int end = 0;
        do
        {
            int line = text[end..].IndexOf((byte)'\n');
            end = line < 0 ? text.Length : end + line + 1;
        }
        while (end < text.Length && text[end] == ' ');
        return Encoding.UTF8.GetString(text[..end]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static byte[] Read()
    {
        using Stream stream = typeof(OpHistoryText).Assembly.GetManifestResourceStream("op-history.txt")
            ?? throw new InvalidOperationException("op-history.txt is missing from the assembly");
        byte[] text = new byte[stream.Length];
        stream.ReadExactly(text);
        int start = text.AsSpan().IndexOf(Encoding.UTF8.GetBytes("\n" + Core)) + 1;
        int next = text.AsSpan(start + 1).IndexOf("\n["u8);
        return text[start..(next < 0 ? text.Length : start + next + 2)];
    }
}
