using TransformFramework.Diagnostics;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>The diagnostics of this plugin.</summary>
internal static class StructureDiagnostics
{
    /// <summary>Arguments: the node, the reason.</summary>
    public static readonly DiagnosticDescriptor NotRemoved = new("TFX2010", Severity.Warning, "Node not removed", "'{0}' stays: {1}")
    {
        Cause = "Without the node the graph would lose a control input, an output beyond the node's first, or another input that is used elsewhere.",
        Remedy = "Nothing, when the reason is meant. remove_control_dependencies drops control inputs on purpose; --verbatim removes the node all the same.",
        ExampleGraph = """
            x = Placeholder() {dtype=float}
            c = Placeholder() {dtype=float}
            i = Identity(x, ^c) {T=float}
            y = Relu(i) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='remove_nodes(op=Identity)'",
    };

    /// <summary>Argument: the node.</summary>
    public static readonly DiagnosticDescriptor KeptPlaceholder = new("TFX2014", Severity.Warning, "Placeholder kept", "'{0}' is a placeholder already and keeps its type and shape; set_input gives it others")
    {
        Cause = "strip_unused_nodes gives a type and a shape to what becomes a placeholder; those that are there stay as they are.",
        Remedy = "set_input gives an input another type or shape.",
        Example = "strip_unused_nodes(name=x, type_for_name=float, shape_for_name=\"1,4\")    # x = Placeholder()",
    };

    /// <summary>Argument: the name.</summary>
    public static readonly DiagnosticDescriptor NothingToRename = new("TFX2012", Severity.Warning, "No node to rename", "there is no node '{0}' to rename")
    {
        Cause = "rename_node names a node that is not in the graph.",
        Remedy = "Look up the name with 'transform_graph summarize' or 'view'.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = Relu(x) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='rename_node(old_node_name=missing, new_node_name=found)'",
    };

    /// <summary>Arguments: the node, the reason.</summary>
    public static readonly DiagnosticDescriptor NotFlattened = new("TFX2013", Severity.Info, "Dilated convolution left as it is", "'{0}' stays: {1}")
    {
        Cause = "One convolution with padding SAME would not compute the same.",
        Remedy = "Nothing, when the reason is meant. --verbatim flattens it all the same.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,8,8,1)}
            b = Const() {dtype=int32, value=int32[2]{2, 2}}
            p = Const() {dtype=int32, value=int32[2,2]{2, 2, 2, 2}}
            s = SpaceToBatchND(x, b, p) {T=float}
            w = Const() {dtype=float, value=float[3,3,1,1] values{1}}
            c = Conv2D(s, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            e = Const() {dtype=int32, value=int32[2,2] values{0}}
            y = BatchToSpaceND(c, b, e) {T=float}
            """,
        ExampleCommands = "transform_graph --verbose --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='flatten_atrous_conv'",
    };

    /// <summary>Arguments: the node, the control input.</summary>
    public static readonly DiagnosticDescriptor ControlKept = new("TFX2031", Severity.Info, "Control input kept", "'{0}' keeps '{1}', which ties it to a loop or branch")
    {
        Cause = "A node without data inputs belongs to a loop or a branch by its control input alone.",
        Remedy = "Nothing; without it the graph would mix frames. --verbatim drops it all the same.",
        ExampleGraph = """
            x = Placeholder() {dtype=float}
            p = Placeholder() {dtype=bool}
            s = Switch(x, p) {T=float}
            t = Identity(s:1) {T=float}
            y = Const(^t) {dtype=float, value=float[]{1}}
            """,
        ExampleCommands = "transform_graph --verbose --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='remove_control_dependencies'",
    };

    /// <summary>Arguments: the entry of the release, the number of nodes, the release, the first node.</summary>
    public static readonly DiagnosticDescriptor NotDowngraded = new("TFX2061", Severity.Error, "No equivalent in the target release", "{0} ({1} nodes, the first is '{3}') has no equivalent in {2}")
    {
        Cause = "The graph uses an op, an attribute or a type that the target of downgrade does not have, and no combination of its ops computes the same, or the rewrite needs shapes that are not known.",
        Remedy = "Choose a newer target, give inputs static shapes (strip_unused_nodes with shape_for_name), or replace the op in the model.",
        ExampleGraph = """
            x = Placeholder() {dtype=string, shape=(1)}
            y = StringLower(x)
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='downgrade(target=\"tf1.4\")'",
    };

    /// <summary>Argument: the reason.</summary>
    public static readonly DiagnosticDescriptor NotCompared = new("TFX2062", Severity.Info, "Graphs before and after were not compared", "the graph before and after were not run against each other: {0}")
    {
        Cause = "An input has no known rank or a type that cannot be made up, or the backend has no kernel for an op.",
        Remedy = "Compare them yourself with 'transform_graph compare', on inputs of yours.",
        ExampleGraph = """
            x = Placeholder() {dtype=float}
            y = AddV2(x, x) {T=float}
            """,
        ExampleCommands = "transform_graph --verbose --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='downgrade(target=\"tf1.4\")'",
    };

    public static readonly DiagnosticDescriptor TooManyNodes = new("TFX2101", Severity.Error, "Too many nodes", "{0}")
    {
        Cause = "Inlining functions or lowering loops and branches would give more nodes than max_nodes.",
        Remedy = "Raise max_nodes, or keep the calls: the backend runs them.",
        ExampleGraph = """
            function twice {
              input x {type=float}
              output o {type=float}
              a = AddV2(x, x) {T=float}
              b = AddV2(a:z:0, a:z:0) {T=float}
              return o = b:z:0
            }
            x = Placeholder() {dtype=float}
            y = PartitionedCall(x) {f=@twice, Tin=[float], Tout=[float]}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='inline_functions(max_nodes=1)'",
    };

    public static readonly DiagnosticDescriptor ControlFlow = new("TFX2102", Severity.Error, "Control flow that cannot be rewritten", "{0}")
    {
        Cause = "A loop, branch or call contradicts itself: a wrong number of arguments, a condition that is no truth value, a value from outside that is no loop variable.",
        Remedy = "Export the graph again; a graph that was edited by hand must be put right by hand.",
        ExampleGraph = """
            function then {
              input x {type=float}
              output o {type=float}
              a = Relu(x) {T=float}
              return o = a:activations:0
            }
            p = Placeholder() {dtype=bool, shape=()}
            y = If(p) {Tcond=bool, Tin=[], Tout=[float], then_branch=@then, else_branch=@then}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=p --outputs=y --transforms='lower_control_flow'",
    };

    /// <summary>A node that a transform names does not exist, or is not of the kind that it needs.</summary>
    public static readonly DiagnosticDescriptor WrongNode = new("TFX2103", Severity.Error, "Node missing or of the wrong kind", "{0}")
    {
        Cause = "A transform names a node that is not in the graph, or that it cannot work on.",
        Remedy = "Look up the name with 'transform_graph summarize' or 'view'; the message says what kind of node is wanted.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = Relu(x) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='set_input(name=missing)'",
    };

    public static readonly DiagnosticDescriptor WrongValue = new("TFX2104", Severity.Error, "Value does not fit the node", "{0}")
    {
        Cause = "An option of the transform has a value that the node's op, type or shape does not allow.",
        Remedy = "Give a value that fits; 'transform_graph describe NAME' shows what the option takes.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = Relu(x) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='set_attribute(node_name=y, attribute_name=size, attribute_value=3)'",
    };

    public static readonly DiagnosticDescriptor NameTaken = new("TFX2105", Severity.Error, "Name is taken", "{0}")
    {
        Cause = "Two nodes or functions would have one name.",
        Remedy = "Choose another name or scope.",
        ExampleGraph = """
            a/x = Placeholder() {dtype=float}
            b/x = Placeholder() {dtype=float}
            y = AddV2(a/x, b/x) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=b/x --outputs=y --transforms='rename_scope(old_scope=a, new_scope=b)'",
    };

    /// <summary>Argument: why shapes are not known.</summary>
    public static readonly DiagnosticDescriptor LayoutKept = new("TFX2106", Severity.Info, "Shapes for the change of layout are not known", "shapes are not known ({0}), so that fewer nodes are moved")
    {
        Cause = "The backend cannot infer the shapes of the graph, which show where broadcasting would change with the layout.",
        Remedy = "Give inputs static shapes (strip_unused_nodes with shape_for_name).",
        Example = "to_nchw    # on a graph with a loop that has no end",
    };

    public static readonly DiagnosticDescriptor MalformedFile = new("TFX2107", Severity.Error, "Graph that a transform reads is malformed", "{0}")
    {
        Cause = "A file that a transform reads is not a GraphDef.",
        Remedy = "Give a GraphDef (.pb or .pbtxt); other formats are converted to one with 'transform_graph convert'.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = Relu(x) {T=float}
            """,
        ExampleCommands = """
            echo 'no graph' > other.pb
            transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='merge_graphs(graph=other.pb, connect="x=x")'
            """,
    };

    /// <summary>A name that no node has. Of the transformed graph the host suggests the nearest name.</summary>
    public static TransformException NoNode(string name, bool isOfTransformed = true) => new(StatusKind.NotFound, $"there is no node '{name}'", isOfTransformed ? name : null) { DiagnosticId = WrongNode.Id, Suggestion = "Look up the name with summarize or view." };

    public static TransformException Wrong(DiagnosticDescriptor kind, string message, string? node = null, string? suggestion = null) => new(StatusKind.InvalidArgument, message, node) { DiagnosticId = kind.Id, Suggestion = suggestion };
}
