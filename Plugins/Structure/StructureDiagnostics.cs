using TransformFramework.Diagnostics;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>Ids of what transforms of this plugin report, beside those of the original tool's transforms.</summary>
internal static class StructureDiagnostics
{
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
