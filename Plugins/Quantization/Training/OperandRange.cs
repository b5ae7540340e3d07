using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Training;

/// <summary>What is known of the values of a node's first output by its op.</summary>
/// <param name="IsRecognized">False for an op of which nothing is known; it may be an input of the model.</param>
/// <param name="Known">The range that the op's definition gives, or null.</param>
internal readonly record struct OperandRange(bool IsRecognized, (float Min, float Max)? Known)
{
    public static OperandRange Of(Graph graph, string name)
    {
        // A graph whose inputs come before their readers has no cycle outside loops, and Merge ends the search within them.
        while (graph.Find(name) is { } node)
        {
            switch (node.Op)
            {
                case "Const" or "Variable" or "VariableV2" or "Relu":
                    return new(true, null);
                case "Relu6":
                    return new(true, (0, 6));
                case "Sigmoid":
                    return new(true, (0, 1));
                case "Tanh":
                    return new(true, (-1, 1));
                case "Identity" or "MaxPool" or "AvgPool" or "MaxPool3D" or "AvgPool3D" or "Reshape" or "ConcatV2" when node.DataInputs.Any():
                    name = node.DataInputs.First().Node;
                    break;
                default:
                    return default;
            }
        }
        return default;
    }
}
