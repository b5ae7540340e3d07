namespace TransformFramework.Workflows.Data;

/// <summary>Names separated by commas, with or without blanks.</summary>
public static class NameList
{
    /// <summary>The names of a list; none for null or an empty text.</summary>
    public static IEnumerable<string> Split(string? list) => (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Names in order for a message; "none" when there are none.</summary>
    internal static string Join(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal)) is { Length: > 0 } list ? list : "none";
}
