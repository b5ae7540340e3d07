using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Building;

/// <summary>Constants in a graph.</summary>
internal static class Constants
{
    /// <summary>An int32 vector.</summary>
    public static Symbol Ints(this GraphBuilder graph, string name, params IEnumerable<long> values)
    {
        int[] elements = [.. values.Select(value => checked((int)value))];
        return graph.Constant(name, Tensor.Create<int>(DataType.Int32, TensorShape.Of(elements.Length), elements));
    }

    /// <summary>An int32 scalar.</summary>
    public static Symbol Int(this GraphBuilder graph, string name, long value) => graph.Constant(name, Tensor.Scalar(checked((int)value)));

    /// <summary>A scalar of a type of real numbers.</summary>
    public static Symbol Scalar(this GraphBuilder graph, string name, DataType type, double value) => graph.Constant(name, Tensors.Of(type, TensorShape.Scalar, [value]));

    /// <summary>A vector of a type of real numbers.</summary>
    public static Symbol Vector(this GraphBuilder graph, string name, DataType type, params IEnumerable<double> values)
    {
        double[] elements = [.. values];
        return graph.Constant(name, Tensors.Of(type, TensorShape.Of(elements.Length), elements));
    }

    /// <summary>A string scalar or vector.</summary>
    public static Symbol Strings(this GraphBuilder graph, string name, TensorShape shape, IEnumerable<string> values) =>
        graph.Constant(name, Tensor.FromStrings(shape, [.. values.Select(value => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(value))]));
}

/// <summary>Tensors of real numbers.</summary>
internal static class Tensors
{
    /// <summary>A tensor of any numeric type from doubles.</summary>
    public static Tensor Of(DataType type, TensorShape shape, ReadOnlySpan<double> values) => type switch
    {
        DataType.Float => Create<float>(type, shape, values),
        DataType.Double => Create<double>(type, shape, values),
        DataType.Half => Create<Half>(type, shape, values),
        DataType.BFloat16 => BrainFloats(shape, values),
        DataType.Int8 => Create<sbyte>(type, shape, values),
        DataType.UInt8 => Create<byte>(type, shape, values),
        DataType.Bool => Create<byte>(type, shape, values),
        DataType.Int16 => Create<short>(type, shape, values),
        DataType.UInt16 => Create<ushort>(type, shape, values),
        DataType.Int32 => Create<int>(type, shape, values),
        DataType.UInt32 => Create<uint>(type, shape, values),
        DataType.Int64 => Create<long>(type, shape, values),
        DataType.UInt64 => Create<ulong>(type, shape, values),
        _ => throw KerasException.Configuration($"a number of type {type.Name()}"),
    };

    /// <summary>The same values in another numeric type; the same instance when it is that type already.</summary>
    public static Tensor Convert(Tensor tensor, DataType type)
    {
        if (tensor.Type == type)
            return tensor;
        if (tensor.Type == DataType.Float && type == DataType.BFloat16)
            return BrainFloats(tensor.Shape, Doubles(tensor));
        return Of(type, tensor.Shape, Doubles(tensor));
    }

    /// <summary>All elements as doubles.</summary>
    public static double[] Doubles(Tensor tensor) => tensor.Type switch
    {
        DataType.Double => tensor.AsSpan<double>().ToArray(),
        DataType.Int64 => [.. tensor.AsSpan<long>().ToArray().Select(value => (double)value)],
        DataType.Int32 => [.. tensor.AsSpan<int>().ToArray().Select(value => (double)value)],
        _ => [.. tensor.ToSingles().Select(value => (double)value)],
    };

    private static Tensor Create<T>(DataType type, TensorShape shape, ReadOnlySpan<double> values)
        where T : unmanaged, INumberBase<T>
    {
        T[] elements = new T[values.Length];
        for (int i = 0; i < elements.Length; i++)
            elements[i] = T.CreateSaturating(values[i]);
        return Tensor.Create<T>(type, shape, elements);
    }

    private static Tensor BrainFloats(TensorShape shape, ReadOnlySpan<double> values)
    {
        ushort[] elements = new ushort[values.Length];
        for (int i = 0; i < elements.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits((float)values[i]);
            elements[i] = float.IsNaN((float)values[i]) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
        return Tensor.Create<ushort>(DataType.BFloat16, shape, elements);
    }
}
