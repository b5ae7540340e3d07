using TransformFramework.Diagnostics;

namespace TransformFramework.Folding;

/// <summary>The diagnostics of this plugin.</summary>
internal static class FoldingDiagnostics
{
    /// <summary>Arguments: the node, the reason.</summary>
    public static readonly DiagnosticDescriptor Declined = new("TFX2030", Severity.Info, "Match left as it is", "'{0}' stays: {1}")
    {
        Cause = "The rewrite would change what the graph computes: something else reads an inner node, it is an output, or the op has an attribute that the result does not have.",
        Remedy = "Nothing, when the reason is meant. --verbatim rewrites as the original tool does, whatever it breaks.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4,4,1)}
            w = Const() {dtype=float, value=float[1,1,1,2]{1, 2}}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            k = Const() {dtype=float, value=float[2]{3, 4}}
            m = Mul(c, k) {T=float}
            y = Add(m, c) {T=float}
            """,
        ExampleCommands = "transform_graph --verbose --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='fold_batch_norms'",
    };

    public static readonly DiagnosticDescriptor TrainingNorm = new("TFX2032", Severity.Warning, "Batch norm of a training graph folded", "'{0}' has is_training=true; it is folded with the moving statistics that it carries, as for inference")
    {
        Cause = "The graph was saved in training mode, where a batch norm normalizes by the statistics of the batch.",
        Remedy = "Save the graph for inference, or set the placeholder of the training phase to false before.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4,4,1)}
            w = Const() {dtype=float, value=float[1,1,1,2]{1, 2}}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            k = Const() {dtype=float, value=float[2]{3, 4}}
            y = FusedBatchNormV3(c, k, k, k, k) {T=float, U=float, epsilon=0.01, is_training=true}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='fold_norms'",
    };
}
