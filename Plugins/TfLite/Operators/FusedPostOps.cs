using TransformFramework.Graphs;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>What fused ops of optimized graphs do after their product: the list <c>fused_ops</c>.</summary>
internal static class FusedPostOps
{
    private const int FirstArgument = 2;

    /// <summary>The product with the ops after it.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">An op has no counterpart.</exception>
    public static TensorDraft Add(NodeWriter node, TensorDraft product)
    {
        int argument = FirstArgument;
        foreach (string op in node.Node.StringList("fused_ops"))
        {
            product = op switch
            {
                "BiasAdd" => node.Emit("ADD", [product, node.In(argument++)]),
                "Relu" => node.Emit("RELU", [product]),
                "Relu6" => node.Emit("RELU6", [product]),
                "Elu" => node.Emit("ELU", [product]),
                "Tanh" => node.Emit("TANH", [product]),
                "Sigmoid" => node.Emit("LOGISTIC", [product]),
                "LeakyRelu" => node.Emit("LEAKY_RELU", [product], ("alpha", node.Node.Float("leakyrelu_alpha"))),
                _ => throw node.Decline($"its fused op {op} has no counterpart"),
            };
        }
        return product;
    }
}
