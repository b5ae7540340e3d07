using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.SavedModel.Tests.Conformance;

/// <summary>Compares an output with the oracle's: floats within a tolerance of the largest magnitude, all else exactly.</summary>
internal static class OutputComparison
{
    /// <summary>What differs, or null.</summary>
    public static string? Difference(Tensor wanted, Tensor given, double relative, double absolute)
    {
        bool sameShape = wanted.Shape.Dimensions.SequenceEqual(given.Shape.Dimensions);
        if (!sameShape)
            return $"shape {given.Shape} where {wanted.Shape} is wanted";
        if (wanted.Type == DataType.String)
            return given.Type == DataType.String && wanted.Strings.Zip(given.Strings).All(pair => pair.First.Span.SequenceEqual(pair.Second.Span)) ? null : "strings differ";
        bool isReal = wanted.Type is DataType.Float or DataType.Double or DataType.Half or DataType.Complex64 or DataType.Complex128;
        if (!isReal)
            return wanted.Bytes.Span.SequenceEqual(given.Bytes.Span) ? null : $"{given.Type.Name()} elements differ from the {wanted.Type.Name()} ones";
        double[] expected = Numbers(wanted);
        double[] actual = Numbers(given);
        double largest = expected.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        double tolerance = Math.Max(relative * largest, absolute);
        for (int i = 0; i < expected.Length; i++)
        {
            bool isSame = double.IsFinite(expected[i]) ? Math.Abs(expected[i] - actual[i]) <= tolerance : expected[i].Equals(actual[i]);
            if (!isSame)
                return string.Create(CultureInfo.InvariantCulture, $"element {i} is {actual[i]:R} where {expected[i]:R} is wanted, largest {largest:R}");
        }
        return null;
    }

    private static double[] Numbers(Tensor tensor) => tensor.Type switch
    {
        DataType.Float or DataType.Complex64 => [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray()],
        DataType.Half => [.. tensor.AsSpan<Half>().ToArray().Select(value => (double)value)],
        _ => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(tensor.Bytes.Span).ToArray(),
    };
}
