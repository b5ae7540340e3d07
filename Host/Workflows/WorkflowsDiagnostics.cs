using TransformFramework.Diagnostics;

namespace TransformFramework.Workflows;

/// <summary>The diagnostics of this assembly.</summary>
internal static partial class WorkflowsDiagnostics
{
    /// <summary>Argument: the file.</summary>
    public static readonly DiagnosticDescriptor UnnamableFile = new("TFX0102", Severity.Error, "File that a script cannot name", "a script cannot name '{0}', since it has a double quote")
    {
        Cause = "The path of the ranges becomes a part of a script, where a double quote would end it.",
        Remedy = "Choose another file name.",
        Example = "transform_graph quantize graph.pb --data=d.npz --out_graph='a\"b.pb'",
    };

    /// <summary>Argument: the sentence that names node and entry.</summary>
    public static readonly DiagnosticDescriptor NotInRelease = new("TFX4140", Severity.Error, "Target does not have what the graph uses", "{0}")
    {
        Cause = "lint --for names a release of TensorFlow that lacks an op, an attribute, a type or a value of the graph.",
        Remedy = "The transform 'downgrade' rewrites what has an equivalent, and drops attributes at their default.",
        ExampleGraph = """
            x = Placeholder() {dtype=string, shape=(1)}
            y = StringLower(x) {encoding=""}
            """,
        ExampleCommands = "transform_graph lint --in_graph=graph.pb --for=tf1.4",
    };

    public static readonly DiagnosticDescriptor NoWriter = new("TFX4141", Severity.Error, "No plugin writes the target", "{0}")
    {
        Cause = "lint --for=onnx-opset-N writes the graph to nowhere, and no plugin writes ONNX.",
        Remedy = "Put the plugin 'Onnx' into plugins/Onnx beside the program.",
        Example = "transform_graph lint --in_graph=graph.pb --for=onnx-opset-17    # without plugins/Onnx",
    };

    /// <summary>Argument: the release, and what asks for it.</summary>
    public static readonly DiagnosticDescriptor OldestRelease = new("TFX4142", Severity.Info, "Oldest TensorFlow that reads the graph", "{0}")
    {
        Cause = "lint without --for names the oldest release that has every op, attribute and type of the graph.",
        Remedy = "Nothing; --for=tf1.15 says what a release lacks.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = AddV2(x, x) {T=float}
            """,
        ExampleCommands = "transform_graph lint --in_graph=graph.pb",
    };

    /// <summary>Argument: the transform.</summary>
    public static readonly DiagnosticDescriptor RepeatedCall = new("TFX1020", Severity.Warning, "Call repeated", "{0} is called twice in a row with the same arguments")
    {
        Cause = "The second call finds nothing to do.",
        Remedy = "Leave one out.",
        ExampleCommands = "echo 'strip_unused_nodes strip_unused_nodes' | transform_graph lint -",
    };

    public static readonly DiagnosticDescriptor WeightsAfterNodes = new("TFX1021", Severity.Warning, "quantize_weights after quantize_nodes", "quantize_weights after quantize_nodes leaves the weights' conversions in the graph")
    {
        Cause = "quantize_nodes quantizes what it finds; weights that are still float get a conversion in the graph.",
        Remedy = "Put quantize_weights before quantize_nodes.",
        ExampleCommands = "echo 'add_default_attributes quantize_nodes quantize_weights' | transform_graph lint -",
    };

    public static readonly DiagnosticDescriptor DefaultsMissing = new("TFX1022", Severity.Warning, "quantize_nodes without add_default_attributes", "quantize_nodes copies attributes that old graphs leave out")
    {
        Cause = "quantize_nodes copies attributes of the nodes that it replaces, which graphs of old releases do not have.",
        Remedy = "Begin with add_default_attributes.",
        ExampleCommands = "echo 'quantize_nodes' | transform_graph lint -",
    };

    /// <summary>Arguments: what, its name.</summary>
    public static readonly DiagnosticDescriptor UnusedName = new("TFX1023", Severity.Warning, "Script names what the graph does not have", "the graph has no {0} '{1}'")
    {
        Cause = "An argument of the script names a node or op that the graph does not have.",
        Remedy = "Correct the name; the message suggests the nearest one.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = Relu(x) {T=float}
            """,
        ExampleCommands = "echo 'remove_nodes(op=Identity)' | transform_graph lint - --in_graph=graph.pb",
    };
}
