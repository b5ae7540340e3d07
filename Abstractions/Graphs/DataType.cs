namespace TransformFramework.Graphs;

/// <summary>Element types of tensors, numbered as TensorFlow's <c>DataType</c> enum. Reference types are the base type plus 100.</summary>
public enum DataType
{
    Invalid = 0,
    Float = 1,
    Double = 2,
    Int32 = 3,
    UInt8 = 4,
    Int16 = 5,
    Int8 = 6,
    String = 7,
    Complex64 = 8,
    Int64 = 9,
    Bool = 10,
    QInt8 = 11,
    QUInt8 = 12,
    QInt32 = 13,
    BFloat16 = 14,
    QInt16 = 15,
    QUInt16 = 16,
    UInt16 = 17,
    Complex128 = 18,
    Half = 19,
    Resource = 20,
    Variant = 21,
    UInt32 = 22,
    UInt64 = 23,
}

/// <summary>Names and sizes of <see cref="DataType"/> values.</summary>
public static class DataTypes
{
    private const int ReferenceOffset = 100;

    private static readonly Entry[] Table =
    [
        new(DataType.Float, "float", 4), new(DataType.Double, "double", 8), new(DataType.Int32, "int32", 4),
        new(DataType.UInt8, "uint8", 1), new(DataType.Int16, "int16", 2), new(DataType.Int8, "int8", 1),
        new(DataType.String, "string", 0), new(DataType.Complex64, "complex64", 8), new(DataType.Int64, "int64", 8),
        new(DataType.Bool, "bool", 1), new(DataType.QInt8, "qint8", 1), new(DataType.QUInt8, "quint8", 1),
        new(DataType.QInt32, "qint32", 4), new(DataType.BFloat16, "bfloat16", 2), new(DataType.QInt16, "qint16", 2),
        new(DataType.QUInt16, "quint16", 2), new(DataType.UInt16, "uint16", 2), new(DataType.Complex128, "complex128", 16),
        new(DataType.Half, "half", 2), new(DataType.Resource, "resource", 0), new(DataType.Variant, "variant", 0),
        new(DataType.UInt32, "uint32", 4), new(DataType.UInt64, "uint64", 8),
    ];

    private static readonly Dictionary<string, DataType> ByName = BuildNames();
    private static readonly string?[] Names = ByNumber(entry => (string?)entry.Name);
    private static readonly int[] Sizes = ByNumber(entry => entry.Size);

    /// <summary>The names that <see cref="TryParse"/> accepts, without the reference types.</summary>
    public static IEnumerable<string> KnownNames => Table.Select(entry => entry.Name);

    /// <summary>Bytes of one element; 0 for strings, resources, variants and unknown types.</summary>
    public static int Size(this DataType type) => (uint)type.Base() < (uint)Sizes.Length ? Sizes[(int)type.Base()] : 0;

    /// <summary>True for a reference type (<c>float_ref</c>).</summary>
    public static bool IsReference(this DataType type) => (int)type > ReferenceOffset;

    /// <summary>The type that a reference type refers to, or the type itself.</summary>
    public static DataType Base(this DataType type) => type.IsReference() ? type - ReferenceOffset : type;

    /// <summary>The reference type of a base type.</summary>
    public static DataType AsReference(this DataType type) => type.IsReference() ? type : type + ReferenceOffset;

    /// <summary>TensorFlow's short name (<c>float</c>, <c>quint8</c>, <c>float_ref</c>), or the number of an unknown type.</summary>
    public static string Name(this DataType type)
    {
        int number = (int)type.Base();
        if (number <= 0 || number >= Names.Length || Names[number] is not { } name)
            return type == DataType.Invalid ? "invalid" : ((int)type).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return type.IsReference() ? name + "_ref" : name;
    }

    /// <summary>Reads the names that the original tool accepts: short names, <c>float32</c>, <c>float64</c>, <c>float16</c>, each with an optional <c>_ref</c>.</summary>
    public static bool TryParse(string name, out DataType type)
    {
        if (ByName.TryGetValue(name, out type))
            return true;
        if (!name.EndsWith("_ref", StringComparison.Ordinal) || !ByName.TryGetValue(name[..^4], out type))
            return false;
        type = type.AsReference();
        return true;
    }

    private static Dictionary<string, DataType> BuildNames()
    {
        var names = new Dictionary<string, DataType>(StringComparer.Ordinal);
        foreach (Entry entry in Table)
            names[entry.Name] = entry.Type;
        names["float32"] = DataType.Float;
        names["float64"] = DataType.Double;
        names["float16"] = DataType.Half;
        return names;
    }

    private static T[] ByNumber<T>(Func<Entry, T> select)
    {
        var values = new T[(int)DataType.UInt64 + 1];
        foreach (Entry entry in Table)
            values[(int)entry.Type] = select(entry);
        return values;
    }

    private sealed record Entry(DataType Type, string Name, int Size);
}
