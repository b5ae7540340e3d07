using System.Text.Json;
using Json.Schema;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>What commands write with --json, as docs/output.schema.json has it: a definition for each command, and others for what some of them write in a mode of theirs.</summary>
internal static class OutputSchema
{
    private const string File = "docs/output.schema.json";

    private static readonly string Text = System.IO.File.ReadAllText(Repository.PathOf(File));
    private static readonly string[] All = [.. JsonDocument.Parse(Text).RootElement.GetProperty("$defs").EnumerateObject().Select(definition => definition.Name)];

    /// <summary>What a command may write, beside an error.</summary>
    private static readonly Dictionary<string, string[]> Modes = new(StringComparer.Ordinal)
    {
        ["benchmark"] = ["benchmark", "benchmark_microkernels"],
        ["describe"] = ["describe", "describe_diagnostic"],
        ["plugins"] = ["plugins", "plugins_add", "plugins_lock", "plugins_verify"],
        ["benchmark_model"] = ["benchmark"],
        ["submit"] = ["submit", "submit_files", "calibrate", "compare", "evaluate", "quantize", "tune"],
    };

    /// <summary>Whether a command is described.</summary>
    public static bool Describes(string command) => Definitions(command).All(All.Contains);

    /// <summary>Throws where the output of a command with --json is not as the schema says.</summary>
    public static void Check(IReadOnlyList<string> arguments, ProgramResult result)
    {
        if (!arguments.Any(word => word is "--json" or "--format=json") || result.Output.Length == 0)
            return;
        string command = arguments[0].StartsWith('-') ? "transform" : arguments[0];
        using JsonDocument output = JsonDocument.Parse(result.Output);
        string[] allowed = output.RootElement.TryGetProperty("error", out _) ? ["error"] : output.RootElement.TryGetProperty("was_there", out _) ? ["shard"] : Definitions(command);
        Assert.True(allowed.Any(definition => IsOf(definition, output.RootElement)), $"'{string.Join(' ', arguments)}' writes what {File} does not say of {string.Join(" or ", allowed)}:\n{result.Output}");
    }

    /// <summary>What whole outputs have: the definitions, with what they describe.</summary>
    public static IEnumerable<(string Name, string Description)> Outputs() =>
        from definition in JsonDocument.Parse(Text).RootElement.GetProperty("$defs").EnumerateObject()
        where definition.Value.GetProperty("properties").TryGetProperty("schema_version", out _)
        select (definition.Name, definition.Value.GetProperty("description").GetString()!);

    /// <summary>The command that writes what a definition describes; null for what is of none or of several.</summary>
    public static string? CommandOf(string definition) => definition is "error" or "shard" or "transform" ? null : Modes.Keys.FirstOrDefault(command => definition.StartsWith(command + "_", StringComparison.Ordinal)) ?? definition;

    /// <summary>Whether JSON is as a definition says.</summary>
    public static bool IsOf(string definition, JsonElement output) => Schema(definition).Evaluate(output).IsValid;

    private static string[] Definitions(string command) => Modes.GetValueOrDefault(command, [command]);

    private static JsonSchema Schema(string definition)
    {
        var root = System.Text.Json.Nodes.JsonNode.Parse(Text)!.AsObject();
        root["$ref"] = $"#/$defs/{definition}";
        return JsonSchema.FromText(root.ToJsonString());
    }
}
