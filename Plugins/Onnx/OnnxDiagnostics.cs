using TransformFramework.Diagnostics;
using TransformFramework.ModelFiles;

namespace TransformFramework.Onnx;

/// <summary>The diagnostics of this assembly, and the errors that carry them.</summary>
internal static class OnnxDiagnostics
{
    public static readonly DiagnosticDescriptor ExternalData = new("TFX4107", Severity.Error, "External data of an ONNX model", "{0}")
    {
        Cause = "A tensor has its elements in a file beside the model, which is missing, too short or outside of the model's folder.",
        Remedy = "Copy the model with all its files into one folder.",
        ExampleCommands = """
            printf '\010\010B\002\020\021:[\012\016\012\001x\012\001w\022\001y"\003Add\022\001g*\034\010\004\020\001B\001wj\021\012\010location\022\005w.binp\001Z\023\012\001x\022\016\012\014\010\001\022\010\012\002\010\001\012\002\010\004b\023\012\001y\022\016\012\014\010\001\022\010\012\002\010\001\012\002\010\004' > model.onnx
            transform_graph summarize model.onnx
            """,
    };

    public static readonly DiagnosticDescriptor Cycle = new("TFX4108", Severity.Error, "Nodes read each other in a cycle", "{0}")
    {
        Cause = "A node depends on its own output, and is no loop: ONNX writes loops as Loop or Scan, TensorFlow as While or by Enter and NextIteration.",
        Remedy = "Export the model again; the file is damaged.",
        ExampleCommands = """
            printf '\010\010B\002\020\021:K\012\016\012\001x\012\001b\022\001a"\003Add\012\014\012\001a\022\001b"\004Relu\022\001gZ\023\012\001x\022\016\012\014\010\001\022\010\012\002\010\001\012\002\010\004b\023\012\001a\022\016\012\014\010\001\022\010\012\002\010\001\012\002\010\004' > model.onnx
            transform_graph summarize model.onnx
            """,
    };

    /// <summary>Reported with its node as <see cref="NotRead"/> or <see cref="NotWritten"/>.</summary>
    public static readonly DiagnosticDescriptor Inference = new("TFX4109", Severity.Error, "Types or shapes do not fit an operator", "{0}")
    {
        Cause = "A node's inputs have types or shapes for which its operator is not defined.",
        Remedy = "Export the model again, or give inputs static shapes.",
        Example = "A MatMul of (1,4) and (1,4); the message is about the node, TFX4113 or TFX4114.",
    };

    public static readonly DiagnosticDescriptor Missing = new("TFX4111", Severity.Error, "Tensor that nothing computes", "{0}")
    {
        Cause = "A node or an output of the model reads a tensor that no node, input or initializer gives; or --inputs or --outputs name one that does not exist.",
        Remedy = "Export the model again when the file is damaged; else name tensors of the graph.",
        ExampleCommands = """
            printf '\010\010B\002\020\021:;\012\014\012\001z\022\001y"\004Relu\022\001gZ\023\012\001x\022\016\012\014\010\001\022\010\012\002\010\001\012\002\010\004b\023\012\001y\022\016\012\014\010\001\022\010\012\002\010\001\012\002\010\004' > model.onnx
            transform_graph summarize model.onnx
            """,
    };

    /// <summary>Where a node is concerned, reported with it as <see cref="NotRead"/> or <see cref="NotWritten"/>.</summary>
    public static readonly DiagnosticDescriptor Declined = new("TFX4112", Severity.Error, "The other format cannot hold it", "{0}")
    {
        Cause = "A type, attribute, input or output has no counterpart in the format that is written, or in a graph.",
        Remedy = "Export the model with plain tensors of types that both have, or cut the graph before the place with --outputs.",
        ExampleGraph = """
            x = Placeholder() {dtype=variant, shape=(1,4)}
            y = Identity(x) {T=variant}
            """,
        ExampleCommands = "transform_graph convert graph.pb --out_graph=model.onnx",
    };

    public static readonly DiagnosticDescriptor NotWritten = new("TFX4113", Severity.Error, "Node that ONNX cannot hold", "node '{0}' ({1}): {2}")
    {
        Cause = "The op, or an attribute, type or shape of the node, has no counterpart in ONNX (docs/formats/onnx.md lists those that have).",
        Remedy = "Replace the node in the model, or cut the graph before it with --outputs.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = Igamma(x, x) {T=float}
            """,
        ExampleCommands = "transform_graph convert graph.pb --out_graph=model.onnx",
    };

    public static readonly DiagnosticDescriptor NotRead = new("TFX4114", Severity.Error, "ONNX node that is not read", "node '{0}' ({1}): {2}")
    {
        Cause = "The operator, or an attribute, type or shape of the node, has no counterpart in a graph (docs/formats/onnx.md lists those that have).",
        Remedy = "Export the model without the operator, or with other options of it.",
        ExampleCommands = """
            printf '\010\010B\002\020\021:?\012\020\012\001x\022\001y"\010NoSuchOp\022\001gZ\023\012\001x\022\016\012\014\010\001\022\010\012\002\010\001\012\002\010\004b\023\012\001y\022\016\012\014\010\001\022\010\012\002\010\001\012\002\010\004' > model.onnx
            transform_graph summarize model.onnx
            """,
    };

    public static readonly DiagnosticDescriptor Malformed = new("TFX4115", Severity.Error, "ONNX file breaks the rules of the format", "{0}")
    {
        Cause = "The file is cut short or damaged, or was written by a faulty exporter: a field has the wrong type, a tensor the wrong number of elements, the model no graph.",
        Remedy = "Export or download the file again.",
        ExampleCommands = """
            printf '\010\010B\002\020\021:L\012\016\012\001x\012\001w\022\001y"\003Add\022\001g*\015\010\004\020\001B\001wJ\004\000\000\200?Z\023\012\001x\022\016\012\014\010\001\022\010\012\002\010\001\012\002\010\004b\023\012\001y\022\016\012\014\010\001\022\010\012\002\010\001\012\002\010\004' > model.onnx
            transform_graph summarize model.onnx
            """,
    };

    public static readonly DiagnosticDescriptor Opset = new("TFX4116", Severity.Error, "Operator set that is not read or written", "{0}")
    {
        Cause = "The model is written in a version of ONNX's operators that is older or newer than what is known, or a program asks the writer for such a version.",
        Remedy = "Export the model with an opset in the message; 'onnx.version_converter' brings old models to a newer one.",
        ExampleCommands = """
            printf '\010\010:\004\022\002gcB\002\020\143' > model.onnx
            transform_graph summarize model.onnx
            """,
    };

    public static readonly DiagnosticDescriptor InvalidOption = new("TFX4117", Severity.Error, "Unknown value of an option of ONNX", "{0}")
    {
        Cause = "An option of the format has a value that it does not know.",
        Remedy = "Use one of the values in the message; 'transform_graph list' shows the options of formats.",
        Example = "new ModelWriteOptions { Settings = ImmutableDictionary<string, string>.Empty.Add(\"channels\", \"middle\") }",
    };

    /// <summary>Declines what the other format cannot hold; the caller adds the node's name.</summary>
    public static ModelFormatException Decline(string why) => new(why) { DiagnosticId = Declined.Id };

    /// <summary>Inputs whose types or shapes do not fit the operator; the caller adds the node's name.</summary>
    public static ModelFormatException Mismatch(string why) => new(why) { DiagnosticId = Inference.Id };

    /// <summary>A file that breaks the rules of the format.</summary>
    public static ModelFormatException Broken(string what) => new(what) { DiagnosticId = Malformed.Id, Suggestion = "The file is damaged or was written by a faulty exporter; export or download it again." };

    /// <summary>True for an error that lacks the name of its node.</summary>
    public static bool IsAboutNode(ModelFormatException error) => error.DiagnosticId == Declined.Id || error.DiagnosticId == Inference.Id;
}
