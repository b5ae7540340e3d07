using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Models;

/// <summary>What TensorFlow computed of a graph, for the three feeds.</summary>
internal static class Goldens
{
    /// <summary>Part of the largest magnitude by which a float result may differ: sums are taken in another order.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>The stored output of a graph.</summary>
    /// <param name="record">The model.</param>
    /// <param name="name"><c>original</c> or the recipe's name.</param>
    /// <param name="feed">1 to 3.</param>
    /// <returns>Outputs by name; null where nothing is stored.</returns>
    public static Dictionary<string, Tensor>? Read(ModelRecord record, string name, int feed)
    {
        if (record.Golden(feed == 1 ? $"{name}.npz" : $"{name}.more.npz") is not { } path)
            return null;
        using Stream stream = File.OpenRead(path);
        string ending = feed == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $".{feed}");
        return NpzFile.Read(stream)
            .Where(array => array.Key.EndsWith(ending, StringComparison.Ordinal))
            .ToDictionary(array => array.Key[..^ending.Length].Replace("__", "/", StringComparison.Ordinal), array => array.Value, StringComparer.Ordinal);
    }

    /// <summary>What differs, or null: numbers that are not floats are equal, floats agree to a part of the largest.</summary>
    public static string? Difference(Tensor golden, Tensor actual)
    {
        if (!golden.Shape.Dimensions.SequenceEqual(actual.Shape.Dimensions))
            return $"shape {actual.Shape} for {golden.Shape}";
        if (golden.Type != DataType.Float)
            return golden.Bytes.Span.SequenceEqual(actual.Bytes.Span) ? null : $"other {golden.Type.Name()} values";
        ReadOnlySpan<float> expected = golden.AsSpan<float>();
        ReadOnlySpan<float> found = actual.AsSpan<float>();
        double largest = 0;
        foreach (float value in expected)
            largest = float.IsFinite(value) ? Math.Max(largest, Math.Abs(value)) : largest;
        double worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            if (expected[i].Equals(found[i]))
                continue;
            double difference = Math.Abs((double)expected[i] - found[i]);
            if (!double.IsFinite(difference))
                return $"element {i} is {found[i]} for {expected[i]}";
            worst = Math.Max(worst, difference);
        }
        return worst <= Tolerance * largest ? null : string.Create(CultureInfo.InvariantCulture, $"differs by {worst:g4}, largest value {largest:g4}");
    }
}
