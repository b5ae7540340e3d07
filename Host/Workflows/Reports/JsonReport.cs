using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;

namespace TransformFramework.Workflows.Reports;

/// <summary>A report as JSON, and the schema of that JSON.</summary>
public static class JsonReport
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Default)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.Strict,
        RespectNullableAnnotations = true,
    };

    private static readonly JsonSerializerOptions Compact = new(Indented) { WriteIndented = false, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Default };

    /// <summary>The report, indented.</summary>
    public static string Write(Report report) => JsonSerializer.Serialize(report, Indented) + "\n";

    /// <summary>The report in one line in which no character can end an element of a page.</summary>
    internal static string WriteForPage(Report report) => JsonSerializer.Serialize(report, Compact);

    /// <summary>The JSON schema of reports.</summary>
    public static string Schema()
    {
        var schema = (JsonObject)Indented.GetJsonSchemaAsNode(typeof(Report), new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true });
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Report of transform_graph");
        schema["additionalProperties"] = false;
        return schema.ToJsonString(Indented) + "\n";
    }
}
