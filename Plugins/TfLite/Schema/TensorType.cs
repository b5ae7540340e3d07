using TransformFramework.Graphs;

namespace TransformFramework.TfLite.Schema;

/// <summary>Element types, numbered as in files.</summary>
internal enum TensorType
{
    Float32 = 0,
    Float16 = 1,
    Int32 = 2,
    UInt8 = 3,
    Int64 = 4,
    String = 5,
    Bool = 6,
    Int16 = 7,
    Complex64 = 8,
    Int8 = 9,
    Float64 = 10,
    Complex128 = 11,
    UInt64 = 12,
    Resource = 13,
    Variant = 14,
    UInt32 = 15,
    UInt16 = 16,
    Int4 = 17,
    BFloat16 = 18,
}

/// <summary>Counterparts of <see cref="TensorType"/> in graphs.</summary>
internal static class TensorTypes
{
    private static readonly DataType[] Graph =
    [
        DataType.Float, DataType.Half, DataType.Int32, DataType.UInt8, DataType.Int64, DataType.String, DataType.Bool, DataType.Int16, DataType.Complex64, DataType.Int8,
        DataType.Double, DataType.Complex128, DataType.UInt64, DataType.Resource, DataType.Variant, DataType.UInt32, DataType.UInt16, DataType.Int8, DataType.BFloat16,
    ];

    /// <summary>True for a type that exists.</summary>
    public static bool IsKnown(this TensorType type) => (int)type >= 0 && (int)type < Graph.Length;

    /// <summary>The type in a graph; four-bit integers become int8.</summary>
    public static DataType ToGraph(this TensorType type) => Graph[(int)type];

    /// <summary>The type in a file, or null when files have none for it.</summary>
    public static TensorType? FromGraph(DataType type)
    {
        int index = Array.IndexOf(Graph, type);
        return index < 0 ? null : (TensorType)index;
    }

    /// <summary>Bytes that elements take; strings and handles take none.</summary>
    public static long Bytes(this TensorType type, long elements) => type == TensorType.Int4 ? (elements + 1) / 2 : elements * type.ToGraph().Size();

    /// <summary>Name as reports show it.</summary>
    public static string Name(this TensorType type) => type.IsKnown() ? type.ToString().ToLowerInvariant() : $"type {(int)type}";
}
