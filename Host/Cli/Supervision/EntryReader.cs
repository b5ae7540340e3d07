namespace TransformFramework.Cli.Supervision;

/// <summary>Reads what the supervised process tells: the plugins whose code it enters, and what the runtime says when it crashes.</summary>
internal sealed class EntryReader
{
    private const int MostLines = 1000;
    private const int MostCalls = 3;
    private const string Call = "at ";

    /// <summary>The pipe stays open where a process that a plugin started still holds it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly List<string> lines = [];
    private readonly Thread thread;

    public EntryReader(Stream entries)
    {
        thread = new(() => Read(entries)) { IsBackground = true };
        thread.Start();
    }

    /// <summary>The plugin whose code was entered last; null when none was.</summary>
    public string? Last { get; private set; }

    /// <summary>Whether the runtime says that the stack is exhausted.</summary>
    public bool IsStackExhausted { get; private set; }

    /// <summary>What was written to standard error by other code than the program's own.</summary>
    public IReadOnlyList<string> Lines => lines;

    /// <summary>The innermost calls of a crash.</summary>
    public IEnumerable<string> Calls => lines.Select(line => line.Trim()).Where(line => line.StartsWith(Call, StringComparison.Ordinal)).Select(line => line[Call.Length..]).Take(MostCalls);

    /// <summary>Waits until everything is read.</summary>
    public void Finish() => thread.Join(Patience);

    private void Read(Stream entries)
    {
        using var reader = new StreamReader(entries);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith(PluginEntries.Mark))
                Last = line[1..];
            else if (lines.Count < MostLines)
                lines.Add(line);
            IsStackExhausted |= line.StartsWith("Stack overflow", StringComparison.Ordinal);
        }
    }
}
