using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Workflows.Benchmarking;

/// <summary>What a node's time is spent on.</summary>
public enum TimeKind
{
    /// <summary>Computing with floats.</summary>
    Float,

    /// <summary>Computing with quantized numbers.</summary>
    EightBit,

    /// <summary>Between both: quantizing, dequantizing, requantizing, finding ranges, casts.</summary>
    Conversion,

    /// <summary>Shapes, indices, strings, control flow.</summary>
    Other,
}

/// <summary>Tells the nodes of a graph apart by what they compute with.</summary>
public sealed class TimeKinds(Graph graph)
{
    private static readonly HashSet<string> Conversions = new(StringComparer.Ordinal)
    {
        "Quantize", "QuantizeV2", "Dequantize", "Requantize", "RequantizePerChannel", "RequantizationRange", "RequantizationRangePerChannel", "QuantizeDownAndShrinkRange", "Cast", "Bitcast",
    };

    private readonly Dictionary<string, bool> ranges = new(StringComparer.Ordinal);

    public TimeKind Of(Node node)
    {
        if (Conversions.Contains(node.Op) || IsRange(node))
            return TimeKind.Conversion;
        DataType[] types = [.. TypesOf(node)];
        if (types.Any(type => type is DataType.QInt8 or DataType.QUInt8 or DataType.QInt16 or DataType.QUInt16 or DataType.QInt32))
            return TimeKind.EightBit;
        return types.Any(type => type is DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16) ? TimeKind.Float : TimeKind.Other;
    }

    /// <summary>True when the node's values are only the ranges of conversions, or lead to them.</summary>
    private bool IsRange(Node node)
    {
        if (ranges.TryGetValue(node.Name, out bool known))
            return known;
        ranges[node.Name] = false;
        var readers = graph.ConsumersOf(node).Where(consumer => !consumer.Node.Inputs[consumer.Input].IsControl).ToList();
        return ranges[node.Name] = readers.Count > 0 && readers.TrueForAll(reader => (Conversions.Contains(reader.Node.Op) && reader.Input > 0) || IsRange(reader.Node));
    }

    /// <summary>Types of inputs and outputs; of a node that does not fit a known op the types among its attributes.</summary>
    private IEnumerable<DataType> TypesOf(Node node)
    {
        try
        {
            if ((graph.Functions.Find(node.Op)?.Signature ?? OpTable.Find(node.Op)) is { } definition)
                return OpTypes.InputTypes(node, definition).Concat(OpTypes.OutputTypes(node, definition)).Select(type => type.Base());
        }
        catch (TransformException)
        {
            // The attributes tell what they can.
        }
        return node.Attributes.Select(attribute => attribute.Value).OfType<TypeValue>().Select(type => type.Value.Base());
    }
}
