using TransformFramework.Diagnostics;
using TransformFramework.ModelFiles;

namespace TransformFramework.TfJs;

/// <summary>The diagnostics of this assembly; that of malformed weights, TFX4501, is in Toolkit.</summary>
internal static class TfJsDiagnostics
{
    public static readonly DiagnosticDescriptor BadGraph = new("TFX4502", Severity.Error, "Malformed graph of TensorFlow.js", "{0}")
    {
        Cause = "The modelTopology of model.json is not the graph that TensorFlow.js' converter writes.",
        Remedy = "Convert the model again.",
        ExampleCommands = Topology("""{"name": "y", "op": "Relu", "input": [7]}"""),
    };

    public static readonly DiagnosticDescriptor BadWeight = new("TFX4503", Severity.Error, "Constant without a weight that fits", "{0}")
    {
        Cause = "weightsManifest has no weight for a constant of the graph, or one of another type.",
        Remedy = "Convert the model again, and copy model.json with all its .bin files.",
        ExampleCommands = Topology("""{"name": "w", "op": "Const", "attr": {"dtype": {"type": "DT_FLOAT"}}}"""),
    };

    public static readonly DiagnosticDescriptor Unsupported = new("TFX4504", Severity.Error, "Part of TensorFlow.js that is not read", "{0}")
    {
        Cause = "The model fuses an op that is not known, or has an initializer for hash tables.",
        Remedy = "Read the SavedModel that it was converted from.",
        ExampleCommands = """
            echo '{"format": "graph-model", "modelTopology": {"node": [{"name": "x", "op": "Placeholder"}]}, "modelInitializer": {"node": [{"name": "t", "op": "HashTableV2"}]}, "weightsManifest": []}' > model.json
            transform_graph summarize model.json
            """,
    };

    public static readonly DiagnosticDescriptor UnknownName = new("TFX4505", Severity.Error, "TensorFlow.js model has no such name", "{0}")
    {
        Cause = "--signature names a signature that the model does not have, or the model's signature names a tensor that its graph does not have.",
        Remedy = "Leave --signature out; convert the model again when its own signature is wrong.",
        ExampleCommands = Topology("""{"name": "x", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}}}""") + " --signature=training",
    };

    /// <summary>A malformed graph.</summary>
    public static ModelFormatException Malformed(string message) => new(message) { DiagnosticId = BadGraph.Id, Suggestion = "Convert the model again." };

    /// <summary>Commands that read a graph of the nodes.</summary>
    private static string Topology(string nodes) => $$$"""
        echo '{"format": "graph-model", "modelTopology": {"node": [{{{nodes}}}]}, "weightsManifest": []}' > model.json
        transform_graph summarize model.json
        """;
}
