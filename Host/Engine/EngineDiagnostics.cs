using TransformFramework.Diagnostics;

namespace TransformFramework.Engine;

/// <summary>The diagnostics of this assembly: models and steps of a script. Those of plugins are in a file of their own.</summary>
public static partial class EngineDiagnostics
{
    /// <summary>Argument: the transform, as the script names it.</summary>
    public static readonly DiagnosticDescriptor UnknownTransform = new("TFX1010", Severity.Error, "Unknown transform", "Transform '{0}' not recognized.")
    {
        Cause = "No plugin offers a transform of that name, or two plugins do and the call names neither.",
        Remedy = "'transform_graph list' shows the transforms; the message suggests the nearest one. NAME::transform picks a plugin.",
        ExampleGraph = Graph,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='fold_normss'",
    };

    /// <summary>Arguments: the transform, why there is none.</summary>
    public static readonly DiagnosticDescriptor RefusedTransform = new("TFX1011", Severity.Error, "Transform that is not available", "the transform '{0}' is not available: {1}")
    {
        Cause = "The original tool has a transform of that name that is left out here for the reason in the message.",
        Remedy = "Leave the step out.",
        ExampleGraph = Graph,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='fuse_remote_graph'",
    };

    /// <summary>Argument: the sentence that names node and attribute.</summary>
    public static readonly DiagnosticDescriptor BadAttribute = new("TFX2003", Severity.Error, "Attribute missing or of the wrong kind", "{0}")
    {
        Cause = "A transform needs an attribute that a node does not have, as in graphs of old releases that leave defaults out, or that has another kind of value.",
        Remedy = "Run add_default_attributes before the step.",
        Example = "A plugin's transform that reads node.Float(\"epsilon\") of a node without the attribute.",
    };

    /// <summary>Argument: the path.</summary>
    public static readonly DiagnosticDescriptor EmptyFile = new("TFX4006", Severity.Error, "File is empty", "'{0}' is empty")
    {
        Cause = "The file has no bytes, as after an export or a download that failed.",
        Remedy = "Export or download it again.",
        ExampleCommands = """
            touch model.pb
            transform_graph summarize model.pb
            """,
    };

    public static readonly DiagnosticDescriptor NoModelInArchive = new("TFX4014", Severity.Error, "No model in an archive, or several", "{0}")
    {
        Cause = "The archive holds no file that a format recognizes as a model, or more than one.",
        Remedy = "Unpack it and give the path of the model inside.",
        ExampleCommands = """
            mkdir docs
            echo 'no model' > docs/readme.txt
            echo 'none either' > docs/license.txt
            tar -cf docs.tar docs
            transform_graph summarize docs.tar
            """,
    };

    /// <summary>Arguments: the name, what is wrong.</summary>
    public static readonly DiagnosticDescriptor MismatchedValue = new("TFX4015", Severity.Error, "Fixed value does not fit a placeholder", "--set {0}: {1}")
    {
        Cause = "--set names no placeholder of the graph, or gives a text that is no value of its type.",
        Remedy = "'transform_graph summarize' shows the placeholders and their types.",
        ExampleGraph = Graph,
        ExampleCommands = "transform_graph summarize graph.pb --set=x=many",
    };

    /// <summary>Arguments: the transform, the problem.</summary>
    public static readonly DiagnosticDescriptor BrokenGraph = new("TFX4101", Severity.Error, "Step leaves a broken graph", "after {0} {1}")
    {
        Cause = "After each step the graph is verified. A node reads a node or an output that does not exist, two nodes have one name, or nodes form a cycle. The graph is kept as it was before the step.",
        Remedy = "Look up the node with --reproducer=FOLDER, which writes the graph before the step. A defect of a plugin is reported to its author.",
        Example = "A transform that removes node 'a' and leaves y = Relu(a).",
    };

    /// <summary>Argument: the nodes with their inputs, after a colon; or nothing.</summary>
    public static readonly DiagnosticDescriptor MissingInputs = new("TFX4102", Severity.Error, "Inputs refer to nodes that do not exist", "Invalid graph with inputs referring to nonexistent nodes{0}")
    {
        Cause = "A node reads a node that the graph does not have.",
        Remedy = "Export the graph again, or leave such nodes away with strip_unused_nodes when nothing needs them.",
        ExampleGraph = """
            y = Relu(gone) {T=float}
            """,
        ExampleCommands = "transform_graph summarize graph.pb",
    };

    /// <summary>Arguments: the transform, the input or output.</summary>
    public static readonly DiagnosticDescriptor EndpointRemoved = new("TFX4103", Severity.Error, "Step removes an input or output", "{0} removed '{1}', which is listed in --inputs or --outputs")
    {
        Cause = "A step removed or renamed a node that --inputs or --outputs names.",
        Remedy = "List the new name, or exclude the node from the step.",
        ExampleGraph = Graph,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='rename_node(old_node_name=y, new_node_name=z)'",
    };

    /// <summary>Arguments: the list, the name.</summary>
    public static readonly DiagnosticDescriptor UnknownEndpoint = new("TFX4104", Severity.Warning, "Input or output that the graph does not have", "{0}: the graph has no node '{1}'")
    {
        Cause = "A name in --inputs or --outputs is misspelt, or belongs to another graph. The original tool takes no notice of it.",
        Remedy = "'transform_graph summarize' shows inputs and outputs; the message suggests the nearest name.",
        ExampleGraph = Graph,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=yy --transforms='sort_by_execution_order'",
    };

    public static readonly DiagnosticDescriptor NothingLeft = new("TFX4105", Severity.Warning, "Nothing is left of the graph", "nothing is left of the graph")
    {
        Cause = "A step removed every node, since --outputs does not list what must still be computed.",
        Remedy = "List in --outputs what the graph must still compute.",
        ExampleGraph = Graph,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs= --outputs= --transforms='strip_unused_nodes'",
    };

    /// <summary>Argument: the number of nodes.</summary>
    public static readonly DiagnosticDescriptor StaleColocation = new("TFX4120", Severity.Warning, "Colocation with a node that is gone", "{0} nodes were colocated with nodes that are gone; these _class entries are dropped")
    {
        Cause = "A step removed a node that others name in their attribute _class; TensorFlow refuses such graphs.",
        Remedy = "Nothing.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            i = Identity(x) {T=float}
            y = Relu(i) {T=float, _class=["loc:@i"]}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='remove_nodes(op=Identity)'",
    };

    /// <summary>Argument: the number of nodes.</summary>
    public static readonly DiagnosticDescriptor MisplacedControl = new("TFX4121", Severity.Warning, "Control inputs with ports or before data", "control inputs of {0} nodes had ports or stood before data inputs; they are put right")
    {
        Cause = "A transform wrote inputs such as ^a:0, or control inputs before data inputs; TensorFlow refuses such graphs.",
        Remedy = "Nothing; report it to the author of the plugin.",
        Example = "A transform that gives y = Relu(^c, x).",
    };

    /// <summary>Argument: what differs.</summary>
    public static readonly DiagnosticDescriptor StepDiffers = new("TFX4130", Severity.Error, "Step changes what the graph computes", "{0}")
    {
        Cause = "With --check the graph is run before and after each step on the same inputs, and an output differs by more than a step of this kind may change.",
        Remedy = "Leave the step out, or find the node with 'transform_graph compare A B --layers'.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            w = Const() {dtype=float, value=float[4]{1, 2, 3, 4}}
            m = Mul(x, w) {T=float}
            y = Relu(m) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --check --transforms='rename_op(old_op_name=Mul, new_op_name=Add)'",
    };

    /// <summary>Arguments: the transform, why the graph before it does not run.</summary>
    public static readonly DiagnosticDescriptor StepUnchecked = new("TFX4131", Severity.Warning, "Step cannot be checked", "{0} cannot be checked, since the graph before it does not run: {1}")
    {
        Cause = "--check runs the graph before and after each step, and the graph before this one fails on the given inputs.",
        Remedy = "Give inputs on which the graph runs: --check=FILE.npz.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            a = NoSuchOp(x)
            y = Relu(a) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --check --transforms='rename_op(old_op_name=Relu, new_op_name=Relu6)'",
    };

    private const string Graph = """
        x = Placeholder() {dtype=float, shape=(1,4)}
        y = Relu(x) {T=float}
        """;
}
