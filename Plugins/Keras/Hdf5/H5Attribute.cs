using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Hdf5;

/// <summary>An attribute of a group or dataset.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Content">Its elements.</param>
internal sealed record H5Attribute(string Name, H5Type Type, TensorShape Shape, ReadOnlyMemory<byte> Content)
{
    /// <summary>Most texts that an attribute may have.</summary>
    private const long MostTexts = 1 << 20;

    /// <summary>The attributes of an object: messages in its header, or a heap.</summary>
    public static IEnumerable<H5Attribute> Of(H5Bytes file, IEnumerable<H5Message> messages)
    {
        foreach (H5Message message in messages)
        {
            if (message.Kind == H5MessageKind.Attribute)
                yield return Read(file, message.Content);
            if (message.Kind != H5MessageKind.AttributeInfo)
                continue;
            var info = new H5Cursor(file, message.Content);
            info.Byte();
            if ((info.Byte() & 1) != 0)
                info.Skip(2);
            long heapAddress = info.Offset();
            long tree = info.Offset();
            if (file.IsUndefined(heapAddress) || file.IsUndefined(tree))
                continue;
            var heap = new H5FractalHeap(file, heapAddress);
            foreach (ReadOnlyMemory<byte> record in H5Trees.New(file, tree))
                yield return Read(file, heap.Object(record));
        }
    }

    /// <summary>The elements as texts.</summary>
    public IReadOnlyList<string> Texts(H5Bytes file)
    {
        long count = Shape.ElementCount;
        if (count == 0)
            return [];
        if (!Type.IsText || count > MostTexts || Content.Length < count * Type.Size)
            throw file.Damaged($"the attribute {Name} holds no texts");
        return [.. Enumerable.Range(0, (int)count).Select(i => Text(file, Content.Slice(i * Type.Size, Type.Size)))];
    }

    private string Text(H5Bytes file, ReadOnlyMemory<byte> element)
    {
        ReadOnlySpan<byte> bytes = Type.Class == H5Class.VariableLength ? H5GlobalHeap.Value(file, element).Span : element.Span;
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private static H5Attribute Read(H5Bytes file, ReadOnlyMemory<byte> message)
    {
        var cursor = new H5Cursor(file, message);
        int version = cursor.Byte();
        int flags = cursor.Byte();
        int nameLength = cursor.UInt16();
        int typeLength = cursor.UInt16();
        int spaceLength = cursor.UInt16();
        if (version == 3)
            cursor.Byte();
        if (version is < 1 or > 3 || (version > 1 && (flags & 3) != 0))
            throw file.Damaged("an attribute cannot be read");
        int unit = version == 1 ? 8 : 1;
        string name = Encoding.UTF8.GetString(cursor.Bytes(Padded(nameLength)).Span[..nameLength]).TrimEnd('\0');
        H5Type type = H5Type.Read(file, cursor.Bytes(Padded(typeLength)));
        TensorShape shape = H5Space.Read(file, cursor.Bytes(Padded(spaceLength)));
        return new(name, type, shape, cursor.Bytes(cursor.Left));

        int Padded(int length) => (length + unit - 1) / unit * unit;
    }
}
