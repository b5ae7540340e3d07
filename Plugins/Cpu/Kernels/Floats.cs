using System.Runtime.Intrinsics;
using TransformFramework.Cpu.Kernels.Elementwise;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Reading a floating-point tensor as doubles or floats, and storing results back in its type.</summary>
internal static class Floats
{
    public static bool IsFloating(this DataType type) => type is DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16;

    /// <summary>All elements as doubles.</summary>
    public static double[] ToDoubles(Tensor tensor)
    {
        double[] values = new double[checked((int)tensor.ElementCount)];
        switch (tensor.Type)
        {
            case DataType.Float:
                Widen(tensor.AsSpan<float>(), values);
                return values;
            case DataType.Double:
                tensor.AsSpan<double>().CopyTo(values);
                return values;
            case DataType.Half:
                Convert<Half>(tensor, values, static value => (double)value);
                return values;
            case DataType.BFloat16:
                Convert<ushort>(tensor, values, static value => BFloat16.ToFloat(value));
                return values;
            default:
                throw Refuse.Type(tensor.Type, "float, double, half and bfloat16");
        }
    }

    /// <summary>All elements of a float tensor, denormals as zero.</summary>
    public static float[] Flushed(Tensor tensor)
    {
        float[] values = tensor.AsSpan<float>().ToArray();
        Flush(values, values);
        return values;
    }

    /// <summary>A float tensor, denormals as zero.</summary>
    public static Tensor FromFloats(TensorShape shape, ReadOnlySpan<float> values)
    {
        Tensor result = Tensor.Allocate<float>(DataType.Float, shape, out var elements);
        Flush(values, elements);
        return result;
    }

    private static void Flush(ReadOnlySpan<float> values, Span<float> flushed)
    {
        int i = 0;
        for (; i + Vector256<float>.Count <= flushed.Length; i += Vector256<float>.Count)
            PacketVectors.Flush(Vector256.Create(values.Slice(i, Vector256<float>.Count))).CopyTo(flushed[i..]);
        for (; i < flushed.Length; i++)
            flushed[i] = Denormals.Flush(values[i]);
    }

    /// <summary>A tensor of the given floating-point type, each value rounded once.</summary>
    public static Tensor FromDoubles(DataType type, TensorShape shape, ReadOnlySpan<double> values)
    {
        switch (type)
        {
            case DataType.Float:
                return Narrow(shape, values);
            case DataType.Double:
                return Store<double>(type, shape, values, static value => value);
            case DataType.Half:
                return Store<Half>(type, shape, values, static value => (Half)(float)value);
            case DataType.BFloat16:
                return Store<ushort>(type, shape, values, static value => BFloat16.FromFloat((float)value));
            default:
                throw Refuse.Type(type, "float, double, half and bfloat16");
        }
    }

    private static void Widen(ReadOnlySpan<float> elements, double[] values)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = Denormals.Flush(elements[i]);
    }

    private static Tensor Narrow(TensorShape shape, ReadOnlySpan<double> values)
    {
        Tensor result = Tensor.Allocate<float>(DataType.Float, shape, out var elements);
        for (int i = 0; i < elements.Length; i++)
            elements[i] = Denormals.Flush((float)values[i]);
        return result;
    }

    private static void Convert<T>(Tensor tensor, double[] values, Func<T, double> convert)
        where T : unmanaged
    {
        ReadOnlySpan<T> elements = tensor.AsSpan<T>();
        for (int i = 0; i < values.Length; i++)
            values[i] = convert(elements[i]);
    }

    private static Tensor Store<T>(DataType type, TensorShape shape, ReadOnlySpan<double> values, Func<double, T> convert)
        where T : unmanaged
    {
        Tensor result = Tensor.Allocate<T>(type, shape, out var elements);
        for (int i = 0; i < elements.Length; i++)
            elements[i] = convert(values[i]);
        return result;
    }
}
