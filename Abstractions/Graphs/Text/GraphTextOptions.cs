namespace TransformFramework.Graphs;

/// <summary>How graphs are shown as text.</summary>
public sealed record GraphTextOptions
{
    public static readonly GraphTextOptions Default = new();

    /// <summary>
    /// Elements shown of a tensor or list, bytes shown of a string; the rest becomes <c>&lt;N more&gt;</c>, which cannot be read back. Null shows all.
    /// </summary>
    public int? MaxElements { get; init; }
}
