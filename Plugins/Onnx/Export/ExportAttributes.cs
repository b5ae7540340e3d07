using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Onnx.Export;

/// <summary>Attributes and constant inputs as forms read them; what is missing is refused.</summary>
internal static class ExportAttributes
{
    public static string Text(this Node node, string name, string otherwise = "") => node.Attributes.TryGetValue(name, out var value) && value is BytesValue bytes ? bytes.Text : otherwise;

    public static bool Flag(this Node node, string name) => node.Attributes.TryGetValue(name, out var value) && value is BoolValue { Value: true };

    public static float Real(this Node node, string name) => node.Attributes.TryGetValue(name, out var value) && value is FloatValue number ? number.Value : throw Missing(name);

    public static long Whole(this Node node, string name) => node.Attributes.TryGetValue(name, out var value) && value is IntValue number ? number.Value : throw Missing(name);

    public static long[] Longs(this Node node, string name) =>
        node.Attributes.TryGetValue(name, out var value) && value is ListValue list ? [.. list.Items.OfType<IntValue>().Select(item => item.Value)] : throw Missing(name);

    /// <summary>A data input of a node.</summary>
    public static NodeInput Data(this Node node, int slot) => node.DataInputs.ElementAtOrDefault(slot) is { Text: not null } input ? input : throw Unfit($"input {slot} is missing");

    /// <summary>The constant that a node reads.</summary>
    public static Tensor ConstantInput(this GraphExport export, Node node, int slot) =>
        export[node.Data(slot)].Constant ?? throw Unfit($"input {slot} must be a constant");

    /// <summary>The integers of a constant that a node reads.</summary>
    public static long[] ConstantLongs(this GraphExport export, Node node, int slot)
    {
        Tensor constant = export.ConstantInput(node, slot);
        return constant.Type switch
        {
            DataType.Int32 => [.. constant.AsSpan<int>().ToArray().Select(value => (long)value)],
            DataType.Int64 => constant.AsSpan<long>().ToArray(),
            _ => throw Unfit($"input {slot} must hold integers, not {constant.Type.Name()}"),
        };
    }

    /// <summary>Refuses what ONNX cannot say; the exporter adds the node.</summary>
    public static ModelFormatException Unfit(string why) => new(why) { DiagnosticId = "TFX4102" };

    private static ModelFormatException Missing(string attribute) => Unfit($"attribute '{attribute}' is missing");
}
