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
        Example = "remove_nodes(op=Identity)    # on: y = Identity(x, ^init)",
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
        Example = "rename_node(old_node_name=missing, new_node_name=found)",
    };

    /// <summary>Arguments: the node, the reason.</summary>
    public static readonly DiagnosticDescriptor NotFlattened = new("TFX2013", Severity.Info, "Dilated convolution left as it is", "'{0}' stays: {1}")
    {
        Cause = "One convolution with padding SAME would not compute the same.",
        Remedy = "Nothing, when the reason is meant. --verbatim flattens it all the same.",
        Example = "flatten_atrous_conv    # on a convolution with a padding of its own",
    };

    /// <summary>Arguments: the node, the control input.</summary>
    public static readonly DiagnosticDescriptor ControlKept = new("TFX2031", Severity.Info, "Control input kept", "'{0}' keeps '{1}', which ties it to a loop or branch")
    {
        Cause = "A node without data inputs belongs to a loop or a branch by its control input alone.",
        Remedy = "Nothing; without it the graph would mix frames. --verbatim drops it all the same.",
        Example = "remove_control_dependencies    # on: c = Const(^switch)",
    };

    public static readonly DiagnosticDescriptor NotDowngraded = new("TFX2061", Severity.Error, "No equivalent in the target release", "{0} ({1} nodes, the first is '{3}') has no equivalent in {2}")
    {
        Cause = "The graph uses an op, an attribute or a type that the target of downgrade does not have, and no combination of its ops computes the same, or the rewrite needs shapes that are not known.",
        Remedy = "Choose a newer target, give inputs static shapes (strip_unused_nodes with shape_for_name), or replace the op in the model.",
        Example = "downgrade(target=tf1.4)    # for a graph with StringLower",
    };

    public static readonly DiagnosticDescriptor NotCompared = new("TFX2062", Severity.Info, "Graphs before and after were not compared", "the graph before and after were not run against each other: {0}")
    {
        Cause = "An input has no known rank or a type that cannot be made up, or the backend has no kernel for an op.",
        Remedy = "Compare them yourself with 'transform_graph compare', on inputs of yours.",
        Example = "downgrade(target=tf1.15)    # for a graph with string inputs",
    };

    /// <summary>Inlining would give more nodes than allowed.</summary>
    public const string TooManyNodes = "TFX2101";

    /// <summary>Control flow that cannot be lowered or raised.</summary>
    public const string ControlFlow = "TFX2102";

    /// <summary>A node that a transform names does not exist, or is not of the kind that it needs.</summary>
    public const string WrongNode = "TFX2103";

    /// <summary>An option's value does not fit the node.</summary>
    public const string WrongValue = "TFX2104";

    /// <summary>Two nodes would have one name.</summary>
    public const string NameTaken = "TFX2105";

    /// <summary>A node keeps its layout (information).</summary>
    public const string LayoutKept = "TFX2106";

    /// <summary>A graph file that a transform reads is malformed.</summary>
    public const string MalformedFile = "TFX2107";

    public static TransformException NoNode(string name) => new(StatusKind.NotFound, $"there is no node '{name}'") { DiagnosticId = WrongNode, Suggestion = "Look up the name with summarize or view." };

    public static TransformException Wrong(string id, string message, string? node = null, string? suggestion = null) => new(StatusKind.InvalidArgument, message, node) { DiagnosticId = id, Suggestion = suggestion };
}
