using System.Globalization;
using System.Text;
using System.Text.Json;
using TransformFramework.TfLite.Operators;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite;

/// <summary>docs/formats/tflite.md is what converters and manifest say.</summary>
public sealed class FormatPageTests
{
    [Fact]
    public void The_page_is_current() => GeneratedPage.Check("docs/formats/tflite.md", Page());

    private static string Page()
    {
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Conformance", "oracle.jsonl"));
        string[] expectations = [.. lines.Select(line => JsonDocument.Parse(line).RootElement).Where(entry => !entry.GetProperty("case").GetString()!.StartsWith("broken/", StringComparison.Ordinal)).Select(entry => entry.GetProperty("expect").GetString()!)];
        var text = new StringBuilder();
        text.Append("# TensorFlow Lite\n\n");
        text.Append("`--in_graph=FILE.tflite` reads float, int8, uint8, hybrid and half-precision models, and int16 ones by their real values. `--out_graph=FILE.tflite` writes all of these; int16 where layers compute on 16-bit data and 8-bit weights.\n\n");
        text.Append("A file's inputs and outputs are those of its main subgraph, under the names of their tensors; `--signature=NAME` reads one of its signatures, under public names. Feeds take either.\n\n");
        text.Append("Quantized values are quint8 in the graph: int8 elements plus 128. Layers of int8 become the fused ops of static graphs; other operators compute on real values between a Dequantize and a QuantizeV2.\n");
        text.Append("Hybrid operators round their data by the library functions `dynamic_range_asymmetric` and `dynamic_range_symmetric`. States begin as zeros in each run.\n\n");
        text.Append("| option of the writer | |\n|---|---|\n");
        foreach (ModelFiles.FormatOptionAttribute option in typeof(TfLiteFormat).GetCustomAttributes(inherit: false).OfType<ModelFiles.FormatOptionAttribute>())
            text.Append(CultureInfo.InvariantCulture, $"| `--{option.Name}={option.Values.Replace("|", "\\|", StringComparison.Ordinal)}` | {option.Description} |\n");
        text.Append(CultureInfo.InvariantCulture, $"\nOf {expectations.Length} models with an interpreter's answers {expectations.Count(value => value == "equal")} are read and compute the same, {expectations.Count(value => value == "pending")} differ by more than a rounding, {expectations.Count(value => value == "refuse")} are refused (custom operators, damaged or old files).\n");
        text.Append("\n## Operators\n\n| operator | read | written as versions |\n|---|---|---|\n");
        HashSet<string> readable = [.. OperatorConverters.Readable];
        foreach (OperatorSchema schema in OperatorSchema.All.Where(schema => !schema.Name.StartsWith("STABLEHLO", StringComparison.Ordinal) || readable.Contains(schema.Name)))
            text.Append(CultureInfo.InvariantCulture, $"| {schema.Name} | {(readable.Contains(schema.Name) ? "yes" : "refused")} | {string.Join(", ", OperatorVersions.Known(schema.Name))} |\n");
        text.Append("\n## Nodes that are written\n\n");
        return text.Append(string.Join(", ", NodeConverters.Writable.Select(op => $"`{op}`"))).Append(".\n\nOf custom operators TFLite_Detection_PostProcess is read and written. All others are refused by name, with the tensor before them as the nearest cut.\n").ToString();
    }
}
