using System.Globalization;
using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>The first elements of a tensor as the original's Print and Assert show them.</summary>
internal static class TensorSummary
{
    /// <param name="tensor">The tensor.</param>
    /// <param name="most">Elements to show; a negative number shows all.</param>
    public static string Of(Tensor tensor, int most)
    {
        long count = tensor.ElementCount;
        int limit = (int)(most < 0 ? count : Math.Min(most, count));
        var text = new StringBuilder();
        int shown = 0;
        if (tensor.Shape.Rank == 0 || !IsNested(tensor.Type))
            text.AppendJoin(' ', Enumerable.Range(0, limit).Select(i => Element(tensor, i)));
        else
            Dimension(tensor, 0, limit, ref shown, text);
        if (count > limit)
            text.Append("...");
        return text.ToString();
    }

    private static bool IsNested(DataType type) => type is not (DataType.String or DataType.QInt32 or DataType.Complex64 or DataType.Complex128);

    private static void Dimension(Tensor tensor, int axis, int limit, ref int shown, StringBuilder text)
    {
        if (shown >= limit)
            return;
        bool isLast = axis == tensor.Shape.Rank - 1;
        for (int i = 0; i < tensor.Shape[axis]; i++)
        {
            if (isLast && shown >= limit)
            {
                text.Append(axis == 0 ? "" : "...");
                return;
            }
            if (isLast)
            {
                text.Append(i > 0 ? " " : "").Append(Element(tensor, shown++));
                continue;
            }
            bool isOpen = shown < limit;
            text.Append(isOpen ? "[" : "");
            Dimension(tensor, axis + 1, limit, ref shown, text);
            text.Append(isOpen ? "]" : "");
        }
    }

    /// <summary>One element.</summary>
    public static string Element(Tensor tensor, int i) => tensor.Type switch
    {
        DataType.Float => NumberText.Of(tensor.AsSpan<float>()[i]),
        DataType.Double => NumberText.Of(tensor.AsSpan<double>()[i]),
        DataType.Half => NumberText.Of((float)tensor.AsSpan<Half>()[i]),
        DataType.BFloat16 => NumberText.Of(BFloat16.ToFloat(tensor.AsSpan<ushort>()[i])),
        DataType.Bool => tensor.AsSpan<bool>()[i] ? "1" : "0",
        DataType.Int32 => Whole(tensor.AsSpan<int>()[i]),
        DataType.Int64 => Whole(tensor.AsSpan<long>()[i]),
        DataType.UInt32 => Whole(tensor.AsSpan<uint>()[i]),
        DataType.UInt64 => Whole(tensor.AsSpan<ulong>()[i]),
        DataType.Int16 or DataType.QInt16 => Whole(tensor.AsSpan<short>()[i]),
        DataType.UInt16 or DataType.QUInt16 => Whole(tensor.AsSpan<ushort>()[i]),
        DataType.Int8 or DataType.QInt8 => Whole(tensor.AsSpan<sbyte>()[i]),
        DataType.UInt8 or DataType.QUInt8 => Whole(tensor.AsSpan<byte>()[i]),
        DataType.String => Escape(tensor.Strings[i].Span),
        _ => "?",
    };

    private static string Whole<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>C's escapes; bytes that do not print are octal, those of other languages' letters on demand not.</summary>
    public static string Escape(ReadOnlySpan<byte> bytes, bool keepsUtf8 = false)
    {
        if (keepsUtf8 && bytes.ContainsAnyExceptInRange<byte>(0, 127))
            return string.Concat(Encoding.UTF8.GetString(bytes).EnumerateRunes().Select(rune => rune.IsAscii ? Escape([(byte)rune.Value]) : rune.ToString()));
        var text = new StringBuilder(bytes.Length);
        foreach (byte b in bytes)
        {
            text.Append(b switch
            {
                (byte)'\n' => "\\n",
                (byte)'\r' => "\\r",
                (byte)'\t' => "\\t",
                (byte)'"' => "\\\"",
                (byte)'\'' => "\\'",
                (byte)'\\' => "\\\\",
                >= 32 and < 127 => ((char)b).ToString(),
                _ => "\\" + Convert.ToString(b, 8).PadLeft(3, '0'),
            });
        }
        return text.ToString();
    }
}
