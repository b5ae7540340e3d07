namespace TransformFramework.Graphs;

/// <summary>Text that is not a graph: where, and what was expected there.</summary>
public sealed class GraphTextException(int line, int column, string expected, string found)
    : Exception(FormattableString.Invariant($"line {line}, column {column}: expected {expected}, found {found}"))
{
    /// <summary>Id of the diagnostic that reports it.</summary>
    public const string DiagnosticId = AbstractionsDiagnostics.MalformedGraphTextId;

    /// <summary>Line, from 1.</summary>
    public int Line { get; } = line;

    /// <summary>Column in UTF-16 units, from 1.</summary>
    public int Column { get; } = column;

    public string Expected { get; } = expected;

    public string Found { get; } = found;
}
