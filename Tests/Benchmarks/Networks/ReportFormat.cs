using System.Text.Json;
using System.Text.Json.Serialization;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>Writes rows as text, as Markdown or as JSON.</summary>
internal static class ReportFormat
{
    private const int NameWidth = 18;
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>What is above the rows.</summary>
    public static string Head(string format, Machine machine)
    {
        string legend = string.Concat(Column.All.Select(column => $"{(format == "markdown" ? "* " : "  ")}{column.Heading}: {column.Legend}\n"));
        string headings = format == "markdown"
            ? $"| {string.Join(" | ", Column.All.Select(column => column.Heading))} |\n|{string.Concat(Column.All.Select(_ => "---|"))}"
            : string.Concat(Column.All.Select(column => column.Heading.PadLeft(Width(column))));
        return $"{machine}; columns:\n{legend}\n{headings}";
    }

    /// <summary>A row.</summary>
    public static string Row(string format, NetworkRow row) => format == "markdown"
        ? $"| {string.Join(" | ", Column.All.Select(column => column.Text(row)))} |"
        : string.Concat(Column.All.Select(column => column.Text(row).PadLeft(Width(column))));

    /// <summary>The whole report.</summary>
    public static string AsJson(Machine machine, IEnumerable<NetworkRow> rows) => JsonSerializer.Serialize(
        new
        {
            SchemaVersion = 2,
            Machine = machine,
            Columns = Column.All.Select(column => new { column.Id, column.Title, column.Unit, column.Legend }),
            Rows = rows.Select(row => Column.All.ToDictionary(column => column.Id, column => column.Value(row))),
        },
        Json);

    private static int Width(Column column) => Math.Max(column.Id is "network" or "kind" ? NameWidth : 0, column.Heading.Length + 2);
}
