using TransformFramework.Diagnostics;

namespace TransformFramework.Toolkit.Ops;

/// <summary>The diagnostics about ops, which several transforms report.</summary>
public static class OpDiagnostics
{
    /// <summary>Arguments: the node, its op, what becomes of nodes of the op.</summary>
    public static readonly DiagnosticDescriptor UnknownOp = new("TFX2011", Severity.Warning, "Unknown op", "op '{1}' is not known; {2}")
    {
        Cause = "No release of TensorFlow and no function of the graph's library has the op, so its attributes, types and statefulness are not known.",
        Remedy = "Nothing, when a plugin or a custom library computes the op. Else look for a misspelt name: rename_op.",
        Example = "add_default_attributes    # on: y = NoSuchOp(x)",
    };
}
