using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Inference;

/// <summary>Types, shapes and small constants of a node's outputs, by the rule of its operator. Both directions use it: a model is checked by it before it is written.</summary>
internal static class ShapeInference
{
    /// <returns>What is known of each output; null where there is no rule.</returns>
    /// <exception cref="ModelFormatException">The inputs do not fit the operator.</exception>
    public static IReadOnlyList<ValueInfo?> Infer(OnnxNode node, long opset, IReadOnlyList<ValueInfo?> inputs)
    {
        if (!InferenceRules.ByOperator.TryGetValue((node.Domain, node.Op), out Action<NodeInference>? rule))
            return new ValueInfo?[node.Outputs.Count];
        var call = new NodeInference(node, opset, inputs);
        try
        {
            rule(call);
        }
        catch (OverflowException)
        {
            throw OnnxDiagnostics.Mismatch("the shapes are too large");
        }
        ConstantFolding.Fold(call);
        return call.Outputs;
    }
}
