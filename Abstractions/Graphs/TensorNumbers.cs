using System.Numerics;
using System.Runtime.InteropServices;

namespace TransformFramework.Graphs;

/// <summary>The elements of tensors of real numbers, whatever their type, as floats.</summary>
public static class TensorNumbers
{
    /// <summary>A copy of all elements, rounded to float; quantized ones as the integers that they are stored as, truth values as 0 and 1.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not decodable or does not hold real numbers.</exception>
    public static float[] ToSingles(this Tensor tensor) => tensor.Type switch
    {
        DataType.Float => tensor.AsSpan<float>().ToArray(),
        DataType.Double => Convert<double>(tensor),
        DataType.Half => Convert<Half>(tensor),
        DataType.BFloat16 => FromBrain(tensor.AsSpan<ushort>()),
        DataType.Int8 or DataType.QInt8 => Convert<sbyte>(tensor),
        DataType.UInt8 or DataType.QUInt8 or DataType.Bool => Convert<byte>(tensor),
        DataType.Int16 or DataType.QInt16 => Convert<short>(tensor),
        DataType.UInt16 or DataType.QUInt16 => Convert<ushort>(tensor),
        DataType.Int32 or DataType.QInt32 => Convert<int>(tensor),
        DataType.UInt32 => Convert<uint>(tensor),
        DataType.Int64 => Convert<long>(tensor),
        DataType.UInt64 => Convert<ulong>(tensor),
        _ => throw new InvalidOperationException($"a {tensor.Type.Name()} tensor does not hold real numbers"),
    };

    private static float[] Convert<T>(Tensor tensor)
        where T : unmanaged, INumberBase<T>
    {
        ReadOnlySpan<T> elements = tensor.AsSpan<T>();
        float[] numbers = new float[elements.Length];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = float.CreateTruncating(elements[i]);
        return numbers;
    }

    private static float[] FromBrain(ReadOnlySpan<ushort> elements)
    {
        float[] numbers = new float[elements.Length];
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(numbers.AsSpan());
        for (int i = 0; i < bits.Length; i++)
            bits[i] = (uint)elements[i] << 16;
        return numbers;
    }
}
