using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.SavedModel.Freezing;

/// <summary>Keys and values of a table from the lines of a text file, as InitializeTableFromTextFile reads them.</summary>
internal static class TextTable
{
    private const int LineNumber = -1;
    private const int WholeLine = -2;

    /// <summary>Reads one column of the file, or its whole lines or line numbers.</summary>
    /// <param name="text">The file's bytes.</param>
    /// <param name="initializer">The node that would read the file: attributes <c>vocab_size</c>, <c>delimiter</c>, <c>offset</c>.</param>
    /// <param name="column">Number of the column; -1 for the number of the line, -2 for all of it.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="file">Name of the file for errors.</param>
    /// <exception cref="ModelFormatException">A line does not hold the column, or not as a number.</exception>
    public static Tensor Read(ReadOnlyMemory<byte> text, Node initializer, long column, DataType type, string file)
    {
        var lines = Lines(text, Number(initializer, "vocab_size", -1), file);
        if (column == LineNumber)
            return Numbers(lines.Select((_, i) => (i + Number(initializer, "offset", 0)).ToString(CultureInfo.InvariantCulture)), lines.Count, type, file);
        byte[] delimiter = initializer.Attributes.TryGetValue("delimiter", out var value) && value is BytesValue { Bytes.Length: > 0 } bytes ? bytes.Bytes.ToArray() : "\t"u8.ToArray();
        var parts = lines.Select((line, i) => column == WholeLine ? line : Column(line, delimiter, column, i, file));
        return type == DataType.String
            ? Tensor.FromStrings(TensorShape.Of(lines.Count), [.. parts])
            : Numbers(parts.Select(part => Encoding.UTF8.GetString(part.Span)), lines.Count, type, file);
    }

    private static long Number(Node node, string attribute, long standard) => node.Long(attribute, standard);

    private static List<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> text, long count, string file)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        while (!text.IsEmpty && (count < 0 || lines.Count < count))
        {
            int end = text.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            lines.Add(line.Span.Contains((byte)'\r') ? line.ToArray().Where(letter => letter != '\r').ToArray() : line);
            if (lines[^1].IsEmpty)
                throw Bad(file, $"line {lines.Count} is empty");
        }
        return lines.Count >= count ? lines : throw Bad(file, $"it has {lines.Count} lines where the table wants {count}");
    }

    private static ReadOnlyMemory<byte> Column(ReadOnlyMemory<byte> line, byte[] delimiter, long column, int number, string file)
    {
        for (long i = 0; ; i++)
        {
            int end = line.Span.IndexOf(delimiter);
            if (i == column)
                return end < 0 ? line : line[..end];
            if (end < 0)
                throw Bad(file, $"line {number + 1} has {i + 1} columns where the table wants column {column}");
            line = line[(end + delimiter.Length)..];
        }
    }

    private static Tensor Numbers(IEnumerable<string> texts, int count, DataType type, string file)
    {
        if (type.Size() == 0)
            throw Bad(file, $"a table of {type.Name()} cannot be read from text");
        byte[] elements = new byte[checked(count * type.Size())];
        int at = 0;
        foreach (string text in texts)
        {
            if (!Write(text, type, elements.AsSpan(at, type.Size())))
                throw Bad(file, $"'{text}' is no {type.Name()}");
            at += type.Size();
        }
        return Tensor.FromContent(type, TensorShape.Of(count), elements);
    }

    private static bool Write(string text, DataType type, Span<byte> element)
    {
        long integer = 0;
        double real = 0;
        bool isReal = type is DataType.Float or DataType.Double;
        if (!(isReal ? double.TryParse(text, CultureInfo.InvariantCulture, out real) : long.TryParse(text, CultureInfo.InvariantCulture, out integer)))
            return false;
        switch (type)
        {
            case DataType.Int64:
                BinaryPrimitives.WriteInt64LittleEndian(element, integer);
                return true;
            case DataType.Int32 when integer == (int)integer:
                BinaryPrimitives.WriteInt32LittleEndian(element, (int)integer);
                return true;
            case DataType.Float:
                BinaryPrimitives.WriteSingleLittleEndian(element, (float)real);
                return true;
            case DataType.Double:
                BinaryPrimitives.WriteDoubleLittleEndian(element, real);
                return true;
            default:
                return false;
        }
    }

    private static ModelFormatException Bad(string file, string what) =>
        SavedModelDiagnostics.Error(SavedModelDiagnostics.BadAsset, $"the asset '{file}' cannot be read as the contents of a table: {what}", "Export the model again with its assets.");
}
