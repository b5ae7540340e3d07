using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Model;

/// <summary>Element types of ONNX (<c>TensorProto.DataType</c>) and those of graphs.</summary>
internal static class ElementTypes
{
    public const int Float = 1;
    public const int Int64 = 7;
    public const int Bool = 9;
    private const int UInt4 = 21;
    private const int Int4 = 22;

    private static readonly string[] Names =
    [
        "undefined", "float", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "double", "uint32", "uint64", "complex64", "complex128", "bfloat16",
        "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4", "int4", "float4e2m1", "float8e8m0", "uint2", "int2",
    ];

    /// <summary>The number of a graph's type in ONNX; 0 for none. Quantized types are the integers that hold them.</summary>
    public static int Of(DataType type) => type switch
    {
        DataType.Float => Float,
        DataType.UInt8 or DataType.QUInt8 => 2,
        DataType.Int8 or DataType.QInt8 => 3,
        DataType.UInt16 or DataType.QUInt16 => 4,
        DataType.Int16 or DataType.QInt16 => 5,
        DataType.Int32 or DataType.QInt32 => 6,
        DataType.Int64 => Int64,
        DataType.String => 8,
        DataType.Bool => Bool,
        DataType.Half => 10,
        DataType.Double => 11,
        DataType.UInt32 => 12,
        DataType.UInt64 => 13,
        DataType.Complex64 => 14,
        DataType.Complex128 => 15,
        DataType.BFloat16 => 16,
        _ => 0,
    };

    /// <summary>The graph's type of an ONNX type; 4-bit integers are held in 8 bits, 8-bit reals as float. Invalid when there is none.</summary>
    public static DataType ToDataType(long elementType) => elementType switch
    {
        Float => DataType.Float,
        2 or UInt4 => DataType.UInt8,
        3 or Int4 => DataType.Int8,
        4 => DataType.UInt16,
        5 => DataType.Int16,
        6 => DataType.Int32,
        Int64 => DataType.Int64,
        8 => DataType.String,
        Bool => DataType.Bool,
        10 => DataType.Half,
        11 => DataType.Double,
        12 => DataType.UInt32,
        13 => DataType.UInt64,
        14 => DataType.Complex64,
        15 => DataType.Complex128,
        16 => DataType.BFloat16,
        >= 17 and <= 20 => DataType.Float,
        _ => DataType.Invalid,
    };

    /// <summary>True for integers of 4 bits, two of which share a byte, the first in its lower half.</summary>
    public static bool IsPacked(long elementType) => elementType is UInt4 or Int4;

    /// <summary>True for a packed type with a sign.</summary>
    public static bool IsSignedPacked(long elementType) => elementType == Int4;

    /// <summary>The format's name of a type, or its number.</summary>
    public static string Name(long elementType) => elementType >= 0 && elementType < Names.Length ? Names[elementType] : $"type {elementType}";
}
