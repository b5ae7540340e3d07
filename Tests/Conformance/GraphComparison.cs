using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Conformance;

/// <summary>Same nodes in the same order, ops, devices, inputs (<c>x:0</c> is <c>x</c>), attributes, tensors by value; versions aside.</summary>
internal static class GraphComparison
{
    /// <summary>The first difference, or null.</summary>
    public static string? FirstDifference(Graph expected, Graph actual, double tolerance)
    {
        for (int i = 0; i < Math.Min(expected.Nodes.Length, actual.Nodes.Length); i++)
        {
            if (Difference(expected.Nodes[i], actual.Nodes[i], tolerance) is { } difference)
                return $"node {i}: {difference}";
        }
        if (expected.Nodes.Length != actual.Nodes.Length)
            return $"{expected.Nodes.Length} nodes expected, {actual.Nodes.Length} found";
        return expected.Functions.Functions.SequenceEqual(actual.Functions.Functions) ? null : "the function libraries differ";
    }

    private static string? Difference(Node expected, Node actual, double tolerance)
    {
        if (expected.Name != actual.Name || expected.Op != actual.Op)
            return $"{expected} expected, {actual} found";
        if (expected.Device != actual.Device)
            return $"{expected.Name}: device '{expected.Device}' expected, '{actual.Device}' found";
        if (!expected.Inputs.Select(Spelling).SequenceEqual(actual.Inputs.Select(Spelling)))
            return $"{expected} expected, {actual} found";
        if (!expected.Attributes.Keys.SequenceEqual(actual.Attributes.Keys))
            return $"{expected.Name}: attributes {string.Join(',', expected.Attributes.Keys)} expected, {string.Join(',', actual.Attributes.Keys)} found";
        foreach (var (name, value) in expected.Attributes)
        {
            if (!Same(value, actual.Attributes[name], tolerance))
                return $"{expected.Name}: attribute {name} is {actual.Attributes[name]}, expected {value}";
        }
        return null;
    }

    private static string Spelling(NodeInput input) => input.Text.EndsWith(":0", StringComparison.Ordinal) && !input.IsControl ? input.Text[..^2] : input.Text;

    private static bool Same(AttributeValue expected, AttributeValue actual, double tolerance) => (expected, actual) switch
    {
        (TensorValue x, TensorValue y) => Same(x.Value, y.Value, tolerance),
        (ListValue x, ListValue y) => x.Items.Length == y.Items.Length && x.Items.Zip(y.Items).All(pair => Same(pair.First, pair.Second, tolerance)),
        _ => expected.Equals(actual),
    };

    private static bool Same(Tensor expected, Tensor actual, double tolerance)
    {
        if (expected.ContentEquals(actual))
            return true;
        if (tolerance == 0 || expected.Type != DataType.Float || actual.Type != DataType.Float || !expected.Shape.Dimensions.SequenceEqual(actual.Shape.Dimensions))
            return false;
        ImmutableArray<float> x = [.. expected.AsSpan<float>()];
        ImmutableArray<float> y = [.. actual.AsSpan<float>()];
        return x.Zip(y).All(pair => pair.First.Equals(pair.Second) || Math.Abs((double)pair.First - pair.Second) <= tolerance * Math.Abs((double)pair.First));
    }
}
