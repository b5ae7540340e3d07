using TransformFramework.Graphs;

namespace TransformFramework.Keras.Hdf5;

/// <summary>Classes of element types that are read.</summary>
internal enum H5Class
{
    Integer = 0,
    Float = 1,
    Text = 3,
    Enumeration = 8,
    VariableLength = 9,
}

/// <summary>An element type.</summary>
/// <param name="Class">Its class.</param>
/// <param name="Size">Bytes of an element.</param>
/// <param name="IsBigEndian">True when the highest byte comes first.</param>
/// <param name="IsSigned">True for integers with a sign.</param>
/// <param name="IsText">True for a text, of fixed or variable length.</param>
internal sealed record H5Type(H5Class Class, int Size, bool IsBigEndian, bool IsSigned, bool IsText)
{
    /// <summary>Reads a datatype message.</summary>
    public static H5Type Read(H5Bytes file, ReadOnlyMemory<byte> message)
    {
        var cursor = new H5Cursor(file, message);
        var type = (H5Class)(cursor.Byte() & 0x0F);
        long bits = cursor.Number(3);
        long size = cursor.UInt32();
        if (size is 0 or > 1 << 28)
            throw file.Damaged($"an element of {size} bytes");
        bool isText = type == H5Class.Text || (type == H5Class.VariableLength && (bits & 0x0F) == 1);
        return new(type, (int)size, (bits & 1) != 0 && type is H5Class.Integer or H5Class.Float && (bits & 1) != 0, (bits & 8) != 0, isText);
    }

    /// <summary>The type in memory of weights.</summary>
    public DataType ToDataType(H5Bytes file, string path) => (Class, Size) switch
    {
        (H5Class.Float, 4) => DataType.Float,
        (H5Class.Float, 8) => DataType.Double,
        (H5Class.Float, 2) => DataType.Half,
        (H5Class.Integer, 1) => IsSigned ? DataType.Int8 : DataType.UInt8,
        (H5Class.Integer, 2) => IsSigned ? DataType.Int16 : DataType.UInt16,
        (H5Class.Integer, 4) => IsSigned ? DataType.Int32 : DataType.UInt32,
        (H5Class.Integer, 8) => IsSigned ? DataType.Int64 : DataType.UInt64,
        (H5Class.Enumeration, 1) => DataType.Bool,
        _ => throw file.Damaged($"dataset '{path}' has elements of {Size} bytes of class {Class}, which are no weights"),
    };
}

/// <summary>Sizes of a dataset or attribute.</summary>
internal static class H5Space
{
    private const int MostDimensions = 32;

    /// <summary>Reads a dataspace message.</summary>
    public static TensorShape Read(H5Bytes file, ReadOnlyMemory<byte> message)
    {
        var cursor = new H5Cursor(file, message);
        int version = cursor.Byte();
        int rank = cursor.Byte();
        cursor.Byte();
        bool isNull = version == 2 && cursor.Byte() == 2;
        if (version == 1)
            cursor.Skip(5);
        if (version is not (1 or 2) || rank > MostDimensions)
            throw file.Damaged("sizes of a dataset cannot be read");
        long[] sizes = [.. Enumerable.Range(0, rank).Select(_ => cursor.Length())];
        TensorShape shape = isNull ? TensorShape.Of(0L) : TensorShape.Of(sizes);
        return sizes.All(size => size >= 0) && shape.TryCount(out _) ? shape : throw file.Damaged("a dataset has too many elements");
    }
}
