using System.Numerics;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Reading a tensor of complex numbers, and storing results back in its type; arithmetic is in double.</summary>
internal static class ComplexValues
{
    public static bool IsComplex(this DataType type) => type is DataType.Complex64 or DataType.Complex128;

    /// <summary>The type of the parts: float or double.</summary>
    public static DataType PartOf(DataType type) => type == DataType.Complex128 ? DataType.Double : DataType.Float;

    /// <summary>All elements.</summary>
    public static Complex[] Read(Tensor tensor)
    {
        switch (tensor.Type)
        {
            case DataType.Complex64:
                ReadOnlySpan<(float Real, float Imaginary)> narrow = tensor.AsSpan<(float, float)>();
                var values = new Complex[narrow.Length];
                for (int i = 0; i < values.Length; i++)
                    values[i] = new(narrow[i].Real, narrow[i].Imaginary);
                return values;
            case DataType.Complex128:
                return tensor.AsSpan<Complex>().ToArray();
            default:
                throw Refuse.Type(tensor.Type, "complex64 and complex128");
        }
    }

    /// <summary>A tensor of a complex type, each part rounded once.</summary>
    public static Tensor Write(DataType type, TensorShape shape, ReadOnlySpan<Complex> values)
    {
        if (type == DataType.Complex128)
            return Tensor.Create(type, shape, values);
        Tensor result = Tensor.Allocate<(float Real, float Imaginary)>(type, shape, out var stored);
        for (int i = 0; i < stored.Length; i++)
            stored[i] = ((float)values[i].Real, (float)values[i].Imaginary);
        return result;
    }
}
