using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Simplification;

/// <summary>Numbers and truth values that are the same in every run, as far as simple arithmetic of constants of one element gives them.</summary>
/// <param name="graph">The graph.</param>
/// <param name="alias">What a tensor is known to be equal to, or null.</param>
internal sealed class ScalarValues(Graph graph, Func<NodeInput, NodeInput?> alias)
{
    private const int Deepest = 64;

    /// <summary>The value of a tensor; truth values are 0 and 1; null when it is not known.</summary>
    public double? Of(NodeInput tensor) => Of(tensor, 0);

    /// <summary>True for a mask of dropout that keeps every element: floor(uniform + keep), or uniform ≥ rate, for a uniform number of [0, 1).</summary>
    public bool IsKeptByDropout(NodeInput tensor)
    {
        for (int depth = 0; depth < Deepest && graph.Find(tensor.Node) is { } node && !tensor.IsControl; depth++)
        {
            NodeInput[] inputs = [.. node.DataInputs];
            switch (node.Op)
            {
                case "Identity" or "Cast" when inputs.Length == 1:
                    tensor = inputs[0];
                    break;
                case "Floor" when inputs.Length == 1 && graph.Find(inputs[0].Node) is { Op: "Add" or "AddV2" } sum:
                    NodeInput[] terms = [.. sum.DataInputs];
                    return terms.Length == 2 && ((IsUnit(terms[0], 0) && Of(terms[1]) == 1) || (IsUnit(terms[1], 0) && Of(terms[0]) == 1));
                case "GreaterEqual" when inputs.Length == 2:
                    return IsUnit(inputs[0], 0) && Of(inputs[1]) is <= 0;
                default:
                    return false;
            }
        }
        return false;
    }

    /// <summary>True for uniform random numbers of [0, 1), also as written by their scale of 1 and their offset of 0.</summary>
    private bool IsUnit(NodeInput tensor, int depth)
    {
        if (depth > Deepest || graph.Find(tensor.Node) is not { } node)
            return false;
        NodeInput[] inputs = [.. node.DataInputs];
        return node.Op switch
        {
            "RandomUniform" or "StatelessRandomUniform" or "StatelessRandomUniformV2" => true,
            "Identity" => IsUnit(inputs[0], depth + 1),
            "Add" or "AddV2" when inputs.Length == 2 => (IsUnit(inputs[0], depth + 1) && Of(inputs[1]) == 0) || (IsUnit(inputs[1], depth + 1) && Of(inputs[0]) == 0),
            "Mul" when inputs.Length == 2 => (IsUnit(inputs[0], depth + 1) && Of(inputs[1]) == 1) || (IsUnit(inputs[1], depth + 1) && Of(inputs[0]) == 1),
            _ => false,
        };
    }

    private double? Of(NodeInput tensor, int depth)
    {
        if (depth > Deepest || tensor.IsControl || tensor.Text is null)
            return null;
        if (alias(tensor) is { } same)
            return Of(same, depth + 1);
        if (graph.Find(tensor.Node) is not { } node || tensor.Port != 0)
            return null;
        NodeInput[] inputs = [.. node.DataInputs];
        double? First() => inputs.Length > 0 ? Of(inputs[0], depth + 1) : null;
        double? Second() => inputs.Length > 1 ? Of(inputs[1], depth + 1) : null;
        return node.Op switch
        {
            "Const" => Element(node),
            "Identity" or "StopGradient" or "Snapshot" => First(),
            "Cast" when node.TypeAttribute("DstT") == DataType.Bool => First() is { } value ? Truth(value != 0) : null,
            "Cast" when node.TypeAttribute("DstT") is DataType.Float or DataType.Double => First(),
            "LogicalNot" => First() is { } value ? Truth(value == 0) : null,
            "LogicalAnd" => First() == 0 || Second() == 0 ? 0 : First() is not null && Second() is not null ? 1 : null,
            "LogicalOr" => First() == 1 || Second() == 1 ? 1 : First() is not null && Second() is not null ? 0 : null,
            "Add" or "AddV2" => First() + Second(),
            "Sub" => First() - Second(),
            "Mul" => First() * Second(),
            "RealDiv" => Second() == 0 ? null : First() / Second(),
            "Equal" => First() is { } left && Second() is { } right ? Truth(left == right) : null,
            "NotEqual" => First() is { } left && Second() is { } right ? Truth(left != right) : null,
            "Less" => First() is { } left && Second() is { } right ? Truth(left < right) : null,
            "LessEqual" => First() is { } left && Second() is { } right ? Truth(left <= right) : null,
            "Greater" => First() is { } left && Second() is { } right ? Truth(left > right) : null,
            "GreaterEqual" => First() is { } left && Second() is { } right ? Truth(left >= right) : null,
            _ => null,
        };
    }

    private static double Truth(bool value) => value ? 1 : 0;

    private static double? Element(Node node)
    {
        if (node.TensorAttribute("value") is not { IsDecodable: true, ElementCount: 1 } tensor)
            return null;
        return tensor.Type switch
        {
            DataType.Bool => tensor.AsSpan<byte>()[0],
            DataType.Float => tensor.AsSpan<float>()[0],
            DataType.Double => tensor.AsSpan<double>()[0],
            DataType.Int32 => tensor.AsSpan<int>()[0],
            _ => null,
        };
    }
}
