using System.Numerics;
using System.Runtime.InteropServices;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>Looks for NaN and infinite elements.</summary>
public static class NotFiniteValues
{
    /// <summary>The first such element as a word (<c>NaN</c>, <c>Infinity</c>), or null when all are finite or no real numbers.</summary>
    public static string? First(Tensor tensor)
    {
        switch (tensor.Type)
        {
            case DataType.Float:
                return AreFinite(tensor.AsSpan<float>()) ? null : Word(tensor.AsSpan<float>());
            case DataType.Double:
                return Word(tensor.AsSpan<double>());
            case DataType.Half:
                return Word(tensor.AsSpan<Half>());
            case DataType.BFloat16:
                return Word<float>(tensor.ToSingles());
            default:
                return null;
        }
    }

    private static bool AreFinite(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Vector<int> finite = Vector<int>.AllBitsSet;
        foreach (Vector<float> some in vectors)
            finite &= Vector.LessThan(Vector.Abs(some), new Vector<float>(float.PositiveInfinity));
        return finite == Vector<int>.AllBitsSet && Word(values[(vectors.Length * Vector<float>.Count)..]) is null;
    }

    private static string? Word<T>(ReadOnlySpan<T> values)
        where T : struct, INumberBase<T>
    {
        foreach (T value in values)
        {
            if (!T.IsFinite(value))
                return T.IsNaN(value) ? "NaN" : "Infinity";
        }
        return null;
    }
}
