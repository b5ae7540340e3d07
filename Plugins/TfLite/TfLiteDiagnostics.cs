using TransformFramework.Diagnostics;
using TransformFramework.ModelFiles;

namespace TransformFramework.TfLite;

/// <summary>The diagnostics of this assembly.</summary>
internal static class TfLiteDiagnostics
{
    public static readonly DiagnosticDescriptor BrokenFile = new("TFX4201", Severity.Error, "Not a TensorFlow Lite model, or a broken one", "{0}")
    {
        Cause = "The file ends inside the model, or an offset, a length or a table in it is impossible.",
        Remedy = "Copy or convert the file again; it is damaged or of another format.",
        ExampleGraph = Graph,
        ExampleCommands = """
            transform_graph convert graph.pb --out_graph=model.tflite
            head -c 200 model.tflite > cut.tflite
            transform_graph summarize cut.tflite
            """,
    };

    public static readonly DiagnosticDescriptor InvalidModel = new("TFX4202", Severity.Error, "TensorFlow Lite model contradicts itself", "{0}")
    {
        Cause = "The file can be read, but not what it says: an index beyond a list, a buffer of the wrong size, quantization without a scale, operators in a wrong order.",
        Remedy = "Convert the model again; interpreters refuse such a file or compute noise.",
        Example = "transform_graph summarize model.tflite    # a tensor of shape (4) whose buffer has 3 floats",
    };

    public static readonly DiagnosticDescriptor UnreadableOperator = new("TFX4203", Severity.Error, "TensorFlow Lite operator that is not read", "{0}")
    {
        Cause = "An operator of the file, or an option or type of it, has no counterpart in a graph (docs/formats/tflite.md lists those that have).",
        Remedy = "Convert the model again without the operator, or read the original model.",
        Example = "transform_graph summarize detector.tflite    # with the custom operator TFLite_Detection_PostProcess",
    };

    public static readonly DiagnosticDescriptor UnwritableNode = new("TFX4204", Severity.Error, "Node that TensorFlow Lite cannot hold", "{0}")
    {
        Cause = "An op, a type or an option of the node has no counterpart in TensorFlow Lite (docs/formats/tflite.md lists those that have).",
        Remedy = "Replace the node in the model, or cut the graph before it with --outputs.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = Igamma(x, x) {T=float}
            """,
        ExampleCommands = "transform_graph convert graph.pb --out_graph=model.tflite",
    };

    public static readonly DiagnosticDescriptor UnknownSignature = new("TFX4205", Severity.Error, "TensorFlow Lite model has no such signature", "{0}")
    {
        Cause = "--signature names a signature that the file does not have.",
        Remedy = "Name one of those in the message, or leave --signature out.",
        ExampleGraph = Graph,
        ExampleCommands = """
            transform_graph convert graph.pb --out_graph=model.tflite
            transform_graph summarize model.tflite --signature=training
            """,
    };

    public static readonly DiagnosticDescriptor InvalidOption = new("TFX4206", Severity.Error, "Unknown value of an option of TensorFlow Lite", "{0}")
    {
        Cause = "An option of the format has a value that it does not know.",
        Remedy = "Use one of the values in the message; 'transform_graph list' shows the options of formats.",
        Example = "new ModelWriteOptions { Settings = ImmutableDictionary<string, string>.Empty.Add(\"weights\", \"tiny\") }",
    };

    public static readonly DiagnosticDescriptor UnknownTensor = new("TFX4207", Severity.Error, "Input or output does not exist", "{0}")
    {
        Cause = "A model is written with an input or output that the graph does not have.",
        Remedy = "Name nodes of the graph with --inputs and --outputs.",
        ExampleGraph = Graph,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=model.tflite --inputs=x --outputs=z --transforms='rename_op(old_op_name=Relu, new_op_name=Relu6)'",
    };

    private const string Graph = """
        x = Placeholder() {dtype=float, shape=(1,4)}
        y = Relu(x) {T=float}
        """;

    public static ModelFormatException Broken(string message) =>
        new(message) { DiagnosticId = BrokenFile.Id, Suggestion = "Copy or convert the file again; it is damaged or of another format." };

    public static ModelFormatException Invalid(string message) =>
        new(message) { DiagnosticId = InvalidModel.Id, Suggestion = "Convert the model again; interpreters refuse such a file or compute noise." };

    public static ModelFormatException Unreadable(string message, string? suggestion = null) =>
        new(message) { DiagnosticId = UnreadableOperator.Id, Suggestion = suggestion ?? "Convert the model again without this operator, or read the original model." };

    public static ModelFormatException Unwritable(string message, string? suggestion = null) =>
        new(message) { DiagnosticId = UnwritableNode.Id, Suggestion = suggestion };
}
