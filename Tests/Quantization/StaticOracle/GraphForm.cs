using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Tests.StaticOracle;

/// <summary>Compares two graphs from their outputs upstream: ops, attributes, constants and edges, but not names.</summary>
internal sealed class GraphForm(Graph actual, Graph expected, bool comparesConstants)
{
    private readonly HashSet<(string, string)> equal = [];

    /// <summary>The first difference, or null.</summary>
    public string? Difference(string actualOutput, string expectedOutput) => Difference(new NodeInput(actualOutput), new NodeInput(expectedOutput));

    private string? Difference(NodeInput a, NodeInput b)
    {
        if (a.IsControl != b.IsControl || a.Port != b.Port)
            return $"'{a}' is read, where '{b}' is expected";
        Node x = actual.Find(a.Node)!;
        Node y = expected.Find(b.Node)!;
        if (!equal.Add((x.Name, y.Name)))
            return null;
        if (x.Op != y.Op)
            return $"'{x.Name}' is {x.Op}, where '{y.Name}' is {y.Op}";
        if (AttributeDifference(x, y) is { } attribute)
            return $"'{x.Name}' ({x.Op}) and '{y.Name}' differ in {attribute}";
        if (x.Inputs.Length != y.Inputs.Length)
            return $"'{x.Name}' ({x.Op}) has {x.Inputs.Length} inputs, '{y.Name}' {y.Inputs.Length}";
        return Enumerable.Range(0, x.Inputs.Length).Select(i => Difference(x.Inputs[i], y.Inputs[i])).FirstOrDefault(difference => difference is not null);
    }

    private string? AttributeDifference(Node x, Node y)
    {
        foreach (string name in x.Attributes.Select(attribute => attribute.Key).Union(y.Attributes.Select(attribute => attribute.Key)))
        {
            bool isEqual = x.Attributes.TryGetValue(name, out var a) & y.Attributes.TryGetValue(name, out var b) && (a!.Equals(b) || (a is TensorValue && b is TensorValue && AreNear(x.TensorAttribute(name)!, y.TensorAttribute(name)!)));
            if (!isEqual)
                return $"{name}: {a} and {b}";
        }
        return null;
    }

    /// <summary>Integers are equal, floats within one unit in the last place.</summary>
    private bool AreNear(Tensor a, Tensor b)
    {
        if (a.Type != b.Type || !a.Shape.Dimensions.SequenceEqual(b.Shape.Dimensions))
            return false;
        if (!comparesConstants || a.Type != DataType.Float)
            return !comparesConstants || a.ContentEquals(b);
        return a.ToSingles().Zip(b.ToSingles()).All(pair => Math.Abs(BitConverter.SingleToInt32Bits(pair.First) - BitConverter.SingleToInt32Bits(pair.Second)) <= 1);
    }
}
