using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Quantization.Static;

/// <summary>Ops, beside convolutions and products, whose data and results may be 8-bit tensors.</summary>
internal static class QuantizableOps
{
    /// <summary>Ops whose results are among their inputs, or zero: the parameters pass through.</summary>
    private static readonly HashSet<string> Moving = new(StringComparer.Ordinal)
    {
        "BatchToSpaceND", "DepthToSpace", "ExpandDims", "Identity", "MaxPool", "Pad", "Reshape", "ResizeNearestNeighbor", "Slice", "SpaceToBatchND", "SpaceToDepth",
        "Split", "SplitV", "Squeeze", "StopGradient", "StridedSlice", "Tile", "Transpose",
    };

    /// <summary>Ops whose results are between their inputs.</summary>
    private static readonly HashSet<string> Averaging = new(StringComparer.Ordinal) { "AvgPool", "Mean", "ResizeBilinear" };

    private static readonly HashSet<string> Elementwise = new(StringComparer.Ordinal)
    {
        "Abs", "Add", "AddV2", "ClipByValue", "Elu", "Exp", "LeakyRelu", "Maximum", "Minimum", "Mul", "Neg", "RealDiv", "Relu", "Relu6", "Selu", "Sigmoid", "Softplus", "Softsign", "Square", "Sub", "Tanh",
    };

    /// <summary>True when the results are among the inputs.</summary>
    public static bool IsMoving(Node node) => Moving.Contains(node.Op);

    /// <summary>True when the results are within the range of the inputs, though not on its steps.</summary>
    public static bool IsWithinInputs(Node node) => Averaging.Contains(node.Op) || node.Op == "ConcatV2";

    /// <summary>True when each result depends on the elements at its own place only.</summary>
    public static bool IsElementwise(Node node) => Elementwise.Contains(node.Op);

    /// <summary>True for every op of this table.</summary>
    public static bool Contain(Node node) => IsMoving(node) || IsWithinInputs(node) || IsElementwise(node);

    /// <summary>The input whose elements a node that moves them passes on.</summary>
    public static NodeInput MovedInput(Node node) => node.Inputs[node.Op is "Split" ? 1 : 0];

    /// <summary>The inputs whose values the node passes on: float ones that are not constant.</summary>
    public static IEnumerable<NodeInput> Sources(Node node, ConstantValues constants)
    {
        NodeInput[] inputs = [.. node.DataInputs];
        var carrying = node.Op switch
        {
            "Split" => inputs.Skip(1),
            "ConcatV2" => inputs.SkipLast(1),
            _ when IsElementwise(node) => inputs,
            _ => inputs.Take(1),
        };
        return carrying.Where(input => !constants.IsConstant(input));
    }
}
