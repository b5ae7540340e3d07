namespace TransformFramework.Engine.Pipeline;

/// <summary>Transforms that the original registers and this tool refuses.</summary>
internal static class RefusedTransforms
{
    private const string Remote = "it serves a remote accelerator (Hexagon DSP) through native libraries that exist only in TensorFlow";

    /// <summary>Why a name is refused, or null when it is not.</summary>
    public static string? Reason(string name) => name switch
    {
        "fuse_remote_graph" or "place_remote_graph_arguments" or "rewrite_quantized_stripped_model_for_hexagon" => Remote,
        _ => null,
    };
}
