using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>Converts the elements of a tensor to another type. Whole numbers go from integer type to integer type without a float between; what the type cannot hold is refused, only the precision of real numbers may be lost.</summary>
internal static class NumberConversion
{
    /// <summary>The tensor with elements of a type.</summary>
    /// <exception cref="FeedException">An element does not fit, or there is no conversion.</exception>
    public static Tensor To(Tensor tensor, DataType type) => tensor.Type switch
    {
        DataType.Bool => From<byte>(tensor, type),
        DataType.Int8 or DataType.QInt8 => From<sbyte>(tensor, type),
        DataType.UInt8 or DataType.QUInt8 => From<byte>(tensor, type),
        DataType.Int16 or DataType.QInt16 => From<short>(tensor, type),
        DataType.UInt16 or DataType.QUInt16 => From<ushort>(tensor, type),
        DataType.Int32 or DataType.QInt32 => From<int>(tensor, type),
        DataType.UInt32 => From<uint>(tensor, type),
        DataType.Int64 => From<long>(tensor, type),
        DataType.UInt64 => From<ulong>(tensor, type),
        DataType.Double => From<double>(tensor, type),
        DataType.Half => From<Half>(tensor, type),
        DataType.Float => From<float>(tensor, type),
        DataType.BFloat16 => From<float>(Tensor.Create<float>(DataType.Float, tensor.Shape, tensor.ToSingles()), type),
        _ => throw Mismatch(tensor.Type, type),
    };

    private static Tensor From<TFrom>(Tensor tensor, DataType type)
        where TFrom : unmanaged, INumberBase<TFrom> => type switch
        {
            DataType.Float => Convert<TFrom, float>(tensor, type),
            DataType.Double => Convert<TFrom, double>(tensor, type),
            DataType.Half => Convert<TFrom, Half>(tensor, type),
            DataType.Int64 => Convert<TFrom, long>(tensor, type),
            DataType.UInt64 => Convert<TFrom, ulong>(tensor, type),
            DataType.Int32 or DataType.QInt32 => Convert<TFrom, int>(tensor, type),
            DataType.UInt32 => Convert<TFrom, uint>(tensor, type),
            DataType.Int16 or DataType.QInt16 => Convert<TFrom, short>(tensor, type),
            DataType.UInt16 or DataType.QUInt16 => Convert<TFrom, ushort>(tensor, type),
            DataType.Int8 or DataType.QInt8 => Convert<TFrom, sbyte>(tensor, type),
            DataType.UInt8 or DataType.QUInt8 => Convert<TFrom, byte>(tensor, type),
            DataType.BFloat16 => ToBFloat16<TFrom>(tensor),
            DataType.Bool => ToBool<TFrom>(tensor),
            _ => throw Mismatch(tensor.Type, type),
        };

    private static Tensor Convert<TFrom, TTo>(Tensor tensor, DataType type)
        where TFrom : unmanaged, INumberBase<TFrom>
        where TTo : unmanaged, INumberBase<TTo>
    {
        ReadOnlySpan<TFrom> from = Elements<TFrom>(tensor);
        Tensor result = Tensor.Allocate<TTo>(type, tensor.Shape, out var to);
        bool isReal = TTo.IsFinite(TTo.One / (TTo.One + TTo.One)) && TTo.One / (TTo.One + TTo.One) != TTo.Zero;
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = TTo.CreateSaturating(from[i]);
            if (!isReal && TFrom.CreateSaturating(to[i]) != from[i])
                throw new FeedException($"{from[i].ToString(null, CultureInfo.InvariantCulture)} does not fit type {type.Name()}");
        }
        return result;
    }

    private static Tensor ToBool<TFrom>(Tensor tensor)
        where TFrom : unmanaged, INumberBase<TFrom>
    {
        ReadOnlySpan<TFrom> from = Elements<TFrom>(tensor);
        Tensor result = Tensor.Allocate<bool>(DataType.Bool, tensor.Shape, out var to);
        for (int i = 0; i < to.Length; i++)
            to[i] = from[i] != TFrom.Zero;
        return result;
    }

    /// <summary>Rounds to the nearest, ties to even.</summary>
    private static Tensor ToBFloat16<TFrom>(Tensor tensor)
        where TFrom : unmanaged, INumberBase<TFrom>
    {
        ReadOnlySpan<TFrom> from = Elements<TFrom>(tensor);
        ushort[] to = new ushort[from.Length];
        for (int i = 0; i < to.Length; i++)
        {
            float value = float.CreateSaturating(from[i]);
            uint bits = BitConverter.SingleToUInt32Bits(value);
            to[i] = float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
        return Tensor.FromContent(DataType.BFloat16, tensor.Shape, MemoryMarshal.AsBytes(to.AsSpan()).ToArray());
    }

    private static ReadOnlySpan<T> Elements<T>(Tensor tensor)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.Bytes.Span);

    private static FeedException Mismatch(DataType from, DataType to) => new($"the value has type {from.Name()}, the input wants {to.Name()}");
}
