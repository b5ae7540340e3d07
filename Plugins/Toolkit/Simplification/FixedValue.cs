using System.Globalization;
using System.Text;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Simplification;

/// <summary>Puts constants in place of placeholders.</summary>
public static class FixedValue
{
    private static readonly HashSet<string> Placeholders = new(StringComparer.Ordinal) { "Placeholder", "PlaceholderV2", "PlaceholderWithDefault" };

    /// <summary>True for a node that can get a fixed value.</summary>
    public static bool Takes(Node? node) => node is not null && Placeholders.Contains(node.Op);

    /// <summary>The graph with a constant in place of a placeholder.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">Name of the placeholder.</param>
    /// <param name="text">The value: one element, which fills a known shape, or elements separated by commas.</param>
    /// <exception cref="TransformException">NotFound: there is no such placeholder. InvalidArgument: the text is no value of its type, or has another number of elements than its shape.</exception>
    public static Graph Apply(Graph graph, string name, string text)
    {
        if (graph.Find(new NodeInput(name).Node) is not { } node)
            throw new TransformException(StatusKind.NotFound, $"there is no node '{name}' to give a fixed value");
        if (!Takes(node))
            throw new TransformException(StatusKind.InvalidArgument, $"node '{node.Name}' ({node.Op}) is no placeholder", node.Name);
        DataType type = (node.TypeAttribute("dtype") ?? DataType.Float).Base();
        TensorShape shape = node.Attributes.TryGetValue("shape", out var value) && value is ShapeValue known ? known.Value : TensorShape.Unknown;
        Node constant = Node.Constant(node.Name, Parse(text, type, shape, node.Name)) with { Inputs = [.. node.ControlInputs], Device = node.Device };
        return graph.Select(other => ReferenceEquals(other, node) ? constant : other);
    }

    /// <summary>The tensor that a text is.</summary>
    /// <exception cref="TransformException">InvalidArgument: the text is no value of the type, or has another number of elements than the shape.</exception>
    public static Tensor Parse(string text, DataType type, TensorShape shape, string node)
    {
        string[] elements = type == DataType.String && !shape.IsFullyKnown ? [text] : [.. text.Trim('[', ']').Split(',', StringSplitOptions.TrimEntries)];
        bool isFilled = shape.TryCount(out long count) && (elements.Length == 1 || elements.Length == count);
        TensorShape given = isFilled ? shape : elements.Length == 1 ? TensorShape.Scalar : TensorShape.Of(elements.Length);
        if (!isFilled && !shape.Allows(given))
        {
            if (elements.Length != 1 || shape.Rank < 0)
                throw Wrong(node, $"'{text}' has {elements.Length} elements, its shape is {shape}", "Give one element for all, or as many as the shape has, separated by commas in quotes.");
            given = TensorShape.Of([.. shape.Dimensions.Select(dimension => Math.Max(dimension, 1))]);
        }
        if (type == DataType.String)
            return Tensor.FromStrings(given, [.. elements.Select(element => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(element))]);
        byte[] values = [.. elements.SelectMany(element => Bytes(element, type) ?? throw Wrong(node, $"'{element}' is no {type.Name()}", $"Give a value of the type {type.Name()}, such as {(type == DataType.Bool ? "false" : "1")}."))];
        return given.TryCount(out long size) && size == elements.Length ? Tensor.FromContent(type, given, values) : Tensor.FromValues(type, given, values);
    }

    private static byte[]? Bytes(string text, DataType type)
    {
        if (type == DataType.Bool)
            return text.ToUpperInvariant() switch { "TRUE" or "1" => [1], "FALSE" or "0" => [0], _ => null };
        bool isInteger = long.TryParse(text, CultureInfo.InvariantCulture, out long integer);
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real))
            return null;
        return type switch
        {
            DataType.Float => BitConverter.GetBytes((float)real),
            DataType.Double => BitConverter.GetBytes(real),
            DataType.Half => BitConverter.GetBytes((Half)real),
            DataType.BFloat16 => BitConverter.GetBytes(BFloat16((float)real)),
            DataType.Int64 when isInteger => BitConverter.GetBytes(integer),
            DataType.Int32 when isInteger && integer == (int)integer => BitConverter.GetBytes((int)integer),
            DataType.Int16 when isInteger && integer == (short)integer => BitConverter.GetBytes((short)integer),
            DataType.Int8 when isInteger && integer == (sbyte)integer => [(byte)integer],
            DataType.UInt8 when isInteger && integer == (byte)integer => [(byte)integer],
            DataType.UInt16 when isInteger && integer == (ushort)integer => BitConverter.GetBytes((ushort)integer),
            DataType.UInt32 when isInteger && integer == (uint)integer => BitConverter.GetBytes((uint)integer),
            DataType.UInt64 when ulong.TryParse(text, CultureInfo.InvariantCulture, out ulong whole) => BitConverter.GetBytes(whole),
            _ => null,
        };
    }

    /// <summary>The nearest bfloat16, ties to even.</summary>
    private static ushort BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)(float.IsFinite(value) ? (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16 : bits >> 16);
    }

    private static TransformException Wrong(string node, string what, string? suggestion = null) => new(StatusKind.InvalidArgument, $"placeholder '{node}' cannot be fixed: {what}", node) { Suggestion = suggestion };
}
