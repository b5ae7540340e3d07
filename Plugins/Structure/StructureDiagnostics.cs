using TransformFramework.Diagnostics;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>The diagnostics of this plugin.</summary>
internal static class StructureDiagnostics
{
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
