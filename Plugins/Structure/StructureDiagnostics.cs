using TransformFramework.Diagnostics;

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
}
