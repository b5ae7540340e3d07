using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Integer tensors that say sizes, axes or indices.</summary>
internal static class Integers
{
    /// <summary>The elements of an int32 or int64 tensor.</summary>
    public static long[] Read(Tensor tensor) => tensor.Type switch
    {
        DataType.Int32 => Widen(tensor.AsSpan<int>()),
        DataType.Int64 => tensor.AsSpan<long>().ToArray(),
        _ => throw Refuse.Type(tensor.Type, "int32 and int64"),
    };

    /// <summary>The single element of an int32 or int64 tensor.</summary>
    public static long Scalar(Tensor tensor, string what)
    {
        long[] values = Read(tensor);
        return values.Length == 1 ? values[0] : throw Refuse.Invalid($"{what} must be a scalar, but has shape {tensor.Shape}");
    }

    /// <summary>An axis counted from the front; negative ones count from the back.</summary>
    public static int Axis(long axis, int rank)
    {
        if (axis < -rank || axis >= rank)
            throw Refuse.Invalid($"axis {axis} is not in [{-rank}, {rank})");
        return (int)(axis < 0 ? axis + rank : axis);
    }

    /// <summary>A tensor of int32 or int64 elements.</summary>
    public static Tensor Write(DataType type, TensorShape shape, ReadOnlySpan<long> values)
    {
        if (type == DataType.Int64)
            return Tensor.Create(type, shape, values);
        Tensor result = Tensor.Allocate<int>(DataType.Int32, shape, out var elements);
        for (int i = 0; i < elements.Length; i++)
            elements[i] = checked((int)values[i]);
        return result;
    }

    private static long[] Widen(ReadOnlySpan<int> values)
    {
        long[] wide = new long[values.Length];
        for (int i = 0; i < wide.Length; i++)
            wide[i] = values[i];
        return wide;
    }
}
