using System.Runtime.InteropServices;
using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Inference;

/// <summary>Small constants and their elements.</summary>
internal static class Tensors
{
    /// <summary>A tensor of integers of one of the integer types, or of truth values.</summary>
    public static Tensor Integers(DataType type, TensorShape shape, ReadOnlySpan<long> values)
    {
        int size = type.Size();
        byte[] bytes = new byte[values.Length * size];
        for (int i = 0; i < values.Length; i++)
            MemoryMarshal.AsBytes(values.Slice(i, 1))[..size].CopyTo(bytes.AsSpan(i * size));
        return Tensor.FromContent(type, shape, bytes);
    }

    public static Tensor Integers(ReadOnlySpan<long> values, DataType type = DataType.Int64) => Integers(type, TensorShape.Of(values.Length), values);

    public static Tensor Integer(long value, DataType type = DataType.Int64) => Integers(type, TensorShape.Scalar, [value]);

    public static Tensor Strings(string value) => Tensor.FromStrings(TensorShape.Scalar, [System.Text.Encoding.UTF8.GetBytes(value)]);

    /// <summary>A scalar of a type of numbers or truth values.</summary>
    public static Tensor Scalar(DataType type, double value) => type switch
    {
        DataType.Float => Tensor.Scalar((float)value),
        DataType.Double => Tensor.Create<double>(type, TensorShape.Scalar, [value]),
        DataType.Half => Tensor.Create<Half>(type, TensorShape.Scalar, [(Half)value]),
        DataType.BFloat16 => Tensor.Create<ushort>(type, TensorShape.Scalar, [ToBrain((float)value)]),
        DataType.UInt64 => Tensor.Create<ulong>(type, TensorShape.Scalar, [(ulong)value]),
        _ => Integer((long)value, type),
    };

    /// <summary>A tensor of one value.</summary>
    public static Tensor Filled(DataType type, TensorShape shape, double value)
    {
        ReadOnlyMemory<byte> one = Scalar(type, value).Bytes;
        byte[] bytes = new byte[checked(shape.ElementCount * one.Length)];
        for (int i = 0; i < bytes.Length; i += one.Length)
            one.Span.CopyTo(bytes.AsSpan(i));
        return Tensor.FromContent(type, shape, bytes);
    }

    /// <summary>The largest or smallest finite value of a type.</summary>
    public static double Limit(DataType type, bool isLargest) => type switch
    {
        DataType.Float => isLargest ? float.MaxValue : float.MinValue,
        DataType.Double => isLargest ? double.MaxValue : double.MinValue,
        DataType.Half => isLargest ? 65504 : -65504,
        DataType.BFloat16 => isLargest ? 3.3895e38 : -3.3895e38,
        DataType.Int8 => isLargest ? sbyte.MaxValue : sbyte.MinValue,
        DataType.UInt8 => isLargest ? byte.MaxValue : 0,
        DataType.Int16 => isLargest ? short.MaxValue : short.MinValue,
        DataType.UInt16 => isLargest ? ushort.MaxValue : 0,
        DataType.Int32 => isLargest ? int.MaxValue : int.MinValue,
        DataType.UInt32 => isLargest ? uint.MaxValue : 0,
        DataType.UInt64 => isLargest ? ulong.MaxValue : 0,
        _ => isLargest ? long.MaxValue : long.MinValue,
    };

    /// <summary>The elements of a tensor of integers or truth values.</summary>
    public static long[] ToLongs(Tensor tensor)
    {
        int size = tensor.Type.Size();
        ReadOnlySpan<byte> bytes = tensor.Bytes.Span;
        long[] values = new long[bytes.Length / size];
        bool isSigned = tensor.Type is DataType.Int8 or DataType.Int16 or DataType.Int32 or DataType.Int64 or DataType.QInt8 or DataType.QInt16 or DataType.QInt32;
        Span<byte> wide = stackalloc byte[sizeof(long)];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> element = bytes.Slice(i * size, size);
            wide.Fill(isSigned && element[^1] >= 0x80 ? (byte)0xFF : (byte)0);
            element.CopyTo(wide);
            values[i] = MemoryMarshal.Read<long>(wide);
        }
        return values;
    }

    public static bool IsFloat(DataType type) => type is DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16;

    public static bool IsInteger(DataType type) => type is DataType.Int8 or DataType.UInt8 or DataType.Int16 or DataType.UInt16 or DataType.Int32 or DataType.UInt32 or DataType.Int64 or DataType.UInt64;

    public static bool IsUnsigned(DataType type) => type is DataType.UInt8 or DataType.UInt16 or DataType.UInt32 or DataType.UInt64;

    /// <summary>The same elements in another shape.</summary>
    public static Tensor Reshape(Tensor tensor, params ReadOnlySpan<long> dimensions) => Tensor.FromContent(tensor.Type, TensorShape.Of(dimensions), tensor.Bytes);

    /// <summary>The tensor with its dimensions in another order.</summary>
    public static Tensor Transpose(Tensor tensor, params ReadOnlySpan<int> order)
    {
        int size = tensor.Type.Size();
        long[] target = new long[order.Length];
        long[] steps = new long[order.Length];
        long[] strides = Strides(tensor.Shape);
        for (int i = 0; i < order.Length; i++)
        {
            target[i] = tensor.Shape[order[i]];
            steps[i] = strides[order[i]] * size;
        }
        byte[] bytes = new byte[tensor.ElementCount * size];
        ReadOnlySpan<byte> source = tensor.Bytes.Span;
        long[] index = new long[order.Length];
        long from = 0;
        for (int at = 0; at < bytes.Length; at += size)
        {
            source.Slice((int)from, size).CopyTo(bytes.AsSpan(at));
            from = Next(index, target, steps, from);
        }
        return Tensor.FromContent(tensor.Type, TensorShape.Of(target), bytes);
    }

    private static long Next(long[] index, long[] dimensions, long[] steps, long from)
    {
        for (int i = index.Length - 1; i >= 0; i--)
        {
            from += steps[i];
            if (++index[i] < dimensions[i])
                return from;
            from -= steps[i] * dimensions[i];
            index[i] = 0;
        }
        return from;
    }

    /// <summary>Elements from one index of a dimension to the next.</summary>
    public static long[] Strides(TensorShape shape)
    {
        long[] strides = new long[shape.Rank];
        long stride = 1;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strides;
    }

    private static ushort ToBrain(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
