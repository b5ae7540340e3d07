namespace TransformFramework.Graphs;

/// <summary>How graphs are shown as text.</summary>
public sealed record GraphTextOptions
{
    public static readonly GraphTextOptions Default = new();

    /// <summary>
    /// Elements shown of a tensor or list; the rest becomes <c>&lt;N more&gt;</c>, which cannot be read back. Strings are cut at 16 bytes an element.
    /// Null shows all.
    /// </summary>
    public int? MaxElements { get; init; }

    internal int? MaxStringBytes => MaxElements is { } elements ? (int)Math.Min(16L * elements, int.MaxValue) : null;
}
