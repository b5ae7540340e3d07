using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>
/// Serialized messages (<c>tf.train.Example</c>) in NumPy's byte strings. All strings of such an array are filled to one length with NULs, and a message may end in NULs of its own: where a message
/// ends follows from its fields.
/// </summary>
internal static class SerializedMessages
{
    private const int LengthDelimited = 2;

    private static readonly HashSet<string> Parsers = ["ParseExample", "ParseExampleV2", "ParseSingleExample", "ParseSequenceExample", "ParseSequenceExampleV2", "ParseSingleSequenceExample"];
    private static readonly HashSet<string> Movements = ["Identity", "Reshape", "ExpandDims", "Squeeze"];

    /// <summary>True when an input's strings are parsed as messages.</summary>
    public static bool AreReadFrom(Graph graph, Node input)
    {
        if (GraphInputs.TypeOf(input) != DataType.String)
            return false;
        var open = new Stack<Node>([input]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (open.TryPop(out Node? node))
        {
            foreach (Consumer consumer in graph.ConsumersOf(node).Where(consumer => seen.Add(consumer.Node.Name)))
            {
                if (Parsers.Contains(consumer.Node.Op))
                    return true;
                if (Movements.Contains(consumer.Node.Op))
                    open.Push(consumer.Node);
            }
        }
        return false;
    }

    /// <summary>The strings of an array without the NULs that only fill them.</summary>
    public static Tensor Unfilled(Tensor filled) => filled.Type == DataType.String ? Tensor.FromStrings(filled.Shape, [.. filled.Strings.Select(text => text[..LengthOf(text.Span)])]) : filled;

    /// <summary>Length of the message in front; of what is no message, the length without NULs at the end.</summary>
    private static int LengthOf(ReadOnlySpan<byte> text)
    {
        int last = text.LastIndexOfAnyExcept((byte)0) + 1;
        long at = 0;
        while (at < last)
        {
            if (!TryVarint(text, ref at, out ulong tag) || !TrySkip(text, (int)(tag & 7), ref at) || at > text.Length)
                return last;
        }
        return (int)at;
    }

    private static bool TrySkip(ReadOnlySpan<byte> text, int wireType, ref long at)
    {
        switch (wireType)
        {
            case 0:
                return TryVarint(text, ref at, out _);
            case 1:
                at += sizeof(ulong);
                return true;
            case LengthDelimited when TryVarint(text, ref at, out ulong length) && length <= (ulong)text.Length:
                at += (long)length;
                return true;
            case 5:
                at += sizeof(uint);
                return true;
            default:
                return false;
        }
    }

    private static bool TryVarint(ReadOnlySpan<byte> text, ref long at, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && at < text.Length; shift += 7)
        {
            byte next = text[(int)at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return true;
        }
        return false;
    }
}
