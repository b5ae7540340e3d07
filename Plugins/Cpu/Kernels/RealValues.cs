using System.Numerics;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Tensors of any real type read as doubles and stored back, exact up to 53 bits.</summary>
internal static class RealValues
{
    /// <summary>All elements as doubles.</summary>
    public static double[] ToDoubles(Tensor tensor) => tensor.Type switch
    {
        _ when tensor.Type.IsFloating() => Floats.ToDoubles(tensor),
        DataType.Int64 => Convert<long>(tensor),
        DataType.UInt64 => Convert<ulong>(tensor),
        DataType.Int32 or DataType.QInt32 => Convert<int>(tensor),
        DataType.UInt32 => Convert<uint>(tensor),
        DataType.Int16 or DataType.QInt16 => Convert<short>(tensor),
        DataType.UInt16 or DataType.QUInt16 => Convert<ushort>(tensor),
        DataType.Int8 or DataType.QInt8 => Convert<sbyte>(tensor),
        DataType.UInt8 or DataType.QUInt8 => Convert<byte>(tensor),
        _ => throw Refuse.Type(tensor.Type, "the real number types"),
    };

    /// <summary>The single element of a tensor of a real type.</summary>
    public static double Scalar(Tensor tensor, string what) =>
        ToDoubles(tensor) is [var value] ? value : throw Refuse.Invalid($"{what} must be a scalar, but has shape {tensor.Shape}");

    /// <summary>A tensor of a real type; integers are truncated.</summary>
    public static Tensor FromDoubles(DataType type, TensorShape shape, ReadOnlySpan<double> values) => type switch
    {
        _ when type.IsFloating() => Floats.FromDoubles(type, shape, values),
        DataType.Int64 => Store<long>(type, shape, values),
        DataType.UInt64 => Store<ulong>(type, shape, values),
        DataType.Int32 or DataType.QInt32 => Store<int>(type, shape, values),
        DataType.UInt32 => Store<uint>(type, shape, values),
        DataType.Int16 or DataType.QInt16 => Store<short>(type, shape, values),
        DataType.UInt16 or DataType.QUInt16 => Store<ushort>(type, shape, values),
        DataType.Int8 or DataType.QInt8 => Store<sbyte>(type, shape, values),
        DataType.UInt8 or DataType.QUInt8 => Store<byte>(type, shape, values),
        _ => throw Refuse.Type(type, "the real number types"),
    };

    /// <summary>The smallest finite value of a type.</summary>
    public static double Lowest(DataType type) => type switch
    {
        DataType.Float => float.MinValue,
        DataType.Double => double.MinValue,
        DataType.Half => (double)Half.MinValue,
        DataType.BFloat16 => BFloat16.ToFloat(0xff7f),
        DataType.Int64 => long.MinValue,
        DataType.Int32 or DataType.QInt32 => int.MinValue,
        DataType.Int16 or DataType.QInt16 => short.MinValue,
        DataType.Int8 or DataType.QInt8 => sbyte.MinValue,
        _ => 0,
    };

    private static double[] Convert<T>(Tensor tensor)
        where T : unmanaged, INumberBase<T>
    {
        ReadOnlySpan<T> elements = tensor.AsSpan<T>();
        double[] values = new double[elements.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = double.CreateTruncating(elements[i]);
        return values;
    }

    private static Tensor Store<T>(DataType type, TensorShape shape, ReadOnlySpan<double> values)
        where T : unmanaged, INumberBase<T>
    {
        Tensor result = Tensor.Allocate<T>(type, shape, out var elements);
        for (int i = 0; i < elements.Length; i++)
            elements[i] = T.CreateTruncating(values[i]);
        return result;
    }
}
