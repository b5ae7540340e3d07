using TransformFramework.Diagnostics;

namespace TransformFramework;

/// <summary>The diagnostics of the contract: what exceptions of a plugin report when they name no id of their own, and what reading graphs reports.</summary>
public static class AbstractionsDiagnostics
{
    /// <summary>Of an exception of a transform that names no id.</summary>
    public static readonly DiagnosticDescriptor TransformFailed = new("TFX2001", Severity.Error, "Transform cannot do its work", "{0}")
    {
        Cause = "An argument has a value that the transform does not take, or the graph has a place that it cannot handle; the message names the value or the node.",
        Remedy = "Correct the argument ('transform_graph describe NAME' shows what it may be), or change the graph before this step. ignore_errors=true goes on with the graph as it was before the step.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = Relu(x) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='round_weights(num_steps=0)'",
    };

    /// <summary>Of an exception about a model file that names no id.</summary>
    public static readonly DiagnosticDescriptor UnreadableModel = new("TFX4001", Severity.Error, "Model cannot be read or written", "{0}")
    {
        Cause = "The file is not what its format asks for, or the format cannot hold something of the graph; the message says where.",
        Remedy = "Export or download the model again, or follow the message.",
        Example = "A plugin's reader of a format throws new ModelFormatException(\"the header is missing\").",
    };

    public static readonly DiagnosticDescriptor MalformedMessage = new("TFX4008", Severity.Error, "Malformed protobuf message", "malformed message at byte {0}: {1}")
    {
        Cause = "The bytes of the file are no protobuf message: a length, a tag or a number is impossible, messages nest too deep, or one message has more than 2 GiB.",
        Remedy = "Export or download the file again: it is damaged, or it is of another format.",
        ExampleCommands = """
            printf '\012\003\012\377y' > damaged.pb
            transform_graph summarize damaged.pb
            """,
    };

    /// <summary>Of <see cref="Graphs.GraphTextException"/>.</summary>
    public static readonly DiagnosticDescriptor MalformedGraphText = new(MalformedGraphTextId, Severity.Error, "Text is not a graph", "line {0}, column {1}: expected {2}, found {3}")
    {
        Cause = "The text form of graphs (docs/graph-text.md) has a mistake at the place.",
        Remedy = "Correct the text at that place.",
        Example = "GraphText.Parse(\"y = Relu(x {T=float}\")",
    };

    internal const string MalformedGraphTextId = "TFX4050";
}
