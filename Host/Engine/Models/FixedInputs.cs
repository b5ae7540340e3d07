using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Engine.Models;

/// <summary>Puts constants in place of placeholders that get a fixed value.</summary>
public static class FixedInputs
{
    private const int MostElements = 1 << 24;

    /// <summary>The graph with a constant for each fixed placeholder that is still one.</summary>
    /// <param name="content">The model, whose public names count beside node names.</param>
    /// <param name="values">Values as text (<c>true</c>, <c>0.5</c>, <c>1,2,3</c>), by public name or node name.</param>
    /// <param name="isComplete">The model's reader knows the values too, and may have dropped a placeholder.</param>
    /// <exception cref="ModelFormatException">There is no such placeholder, or the text is no value of its type.</exception>
    public static Graph Apply(ModelContent content, ImmutableDictionary<string, string> values, bool isComplete)
    {
        if (values.IsEmpty)
            return content.Graph;
        var edit = new GraphEdit();
        foreach (var (name, text) in values)
        {
            string tensor = content.Signature?.Inputs.FirstOrDefault(input => input.Name == name)?.Tensor ?? name;
            Node? node = content.Graph.Find(new NodeInput(tensor).Node);
            if (node is { Op: "Placeholder" or "PlaceholderV2" or "PlaceholderWithDefault" })
                edit.Replace(node, Constant(node, text));
            else if (!isComplete)
                throw Refused(name, node is null ? "the graph has no such node" : $"it is a {node.Op}, not a placeholder", "'transform_graph summarize' shows the placeholders.");
        }
        return content.Graph.Apply(edit);
    }

    private static Node Constant(Node placeholder, string text)
    {
        DataType type = (placeholder.TypeAttribute("dtype") ?? DataType.Float).Base();
        string[] parts = type == DataType.String ? [text] : text.Trim('[', ']').Split(',', StringSplitOptions.TrimEntries);
        Tensor value = ValueOf(placeholder.Name, type, ShapeFor(placeholder, parts.Length), parts);
        return Node.Constant(placeholder.Name, value) with { Inputs = [.. placeholder.ControlInputs], Device = placeholder.Device };
    }

    private static TensorShape ShapeFor(Node placeholder, int values)
    {
        TensorShape known = placeholder.Attributes.TryGetValue("shape", out var attribute) && attribute is ShapeValue shape ? shape.Value : TensorShape.Unknown;
        if (!known.IsUnknownRank && known.TryCount(out long count) && count <= MostElements && (values == 1 || count == values))
            return known;
        return values == 1 ? TensorShape.Scalar : TensorShape.Of(values);
    }

    private static Tensor ValueOf(string name, DataType type, TensorShape shape, string[] parts) => type switch
    {
        DataType.String => Tensor.FromStrings(shape, [.. Enumerable.Repeat((ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(parts[0]), checked((int)shape.ElementCount))]),
        DataType.Bool => Tensor.Create<bool>(type, shape, Filled(shape, parts, text => text switch { "true" or "True" or "1" => true, "false" or "False" or "0" => false, _ => throw NoValue(name, text, type) })),
        DataType.Float => Numbers<float>(name, type, shape, parts),
        DataType.Double => Numbers<double>(name, type, shape, parts),
        DataType.Half => Numbers<Half>(name, type, shape, parts),
        DataType.Int32 => Numbers<int>(name, type, shape, parts),
        DataType.Int64 => Numbers<long>(name, type, shape, parts),
        DataType.Int16 => Numbers<short>(name, type, shape, parts),
        DataType.Int8 => Numbers<sbyte>(name, type, shape, parts),
        DataType.UInt8 => Numbers<byte>(name, type, shape, parts),
        DataType.UInt16 => Numbers<ushort>(name, type, shape, parts),
        DataType.UInt32 => Numbers<uint>(name, type, shape, parts),
        DataType.UInt64 => Numbers<ulong>(name, type, shape, parts),
        _ => throw Refused(name, $"a placeholder of type {type.Name()} cannot be fixed", "Feed it when the graph runs."),
    };

    private static Tensor Numbers<T>(string name, DataType type, TensorShape shape, string[] parts)
        where T : unmanaged, INumberBase<T> =>
        Tensor.Create<T>(type, shape, Filled(shape, parts, text => T.TryParse(text switch { "true" or "True" => "1", "false" or "False" => "0", _ => text }, NumberStyles.Float, CultureInfo.InvariantCulture, out T number) ? number : throw NoValue(name, text, type)));

    private static T[] Filled<T>(TensorShape shape, string[] parts, Func<string, T> parse)
    {
        T[] parsed = [.. parts.Select(parse)];
        if (parsed.Length > 1)
            return parsed;
        var values = new T[checked((int)shape.ElementCount)];
        Array.Fill(values, parsed[0]);
        return values;
    }

    private static ModelFormatException NoValue(string name, string text, DataType type) => Refused(name, $"'{text}' is no value of type {type.Name()}", "For example --set=is_training=false or --set=rate=0.5.");

    private static ModelFormatException Refused(string name, string why, string suggestion) => new(EngineDiagnostics.UnfitValue.Format(name, why)) { DiagnosticId = EngineDiagnostics.UnfitValue.Id, Suggestion = suggestion };
}
