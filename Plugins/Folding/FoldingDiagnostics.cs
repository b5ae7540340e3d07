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
        Example = "fold_batch_norms    # on a Mul whose convolution is read by another node too",
    };

    public static readonly DiagnosticDescriptor TrainingNorm = new("TFX2032", Severity.Warning, "Batch norm of a training graph folded", "'{0}' has is_training=true; it is folded with the moving statistics that it carries, as for inference")
    {
        Cause = "The graph was saved in training mode, where a batch norm normalizes by the statistics of the batch.",
        Remedy = "Save the graph for inference, or set the placeholder of the training phase to false before.",
        Example = "fold_norms    # on: y = FusedBatchNormV3(x, …) {is_training=true}",
    };
}
