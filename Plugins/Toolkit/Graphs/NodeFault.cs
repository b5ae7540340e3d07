using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Graphs;

/// <summary>What code throws that meets a node whose attributes, sizes or values its op does not allow.</summary>
public static class NodeFault
{
    /// <summary>True for an exception that a damaged node explains.</summary>
    public static bool IsOne(Exception error) =>
        error is ArithmeticException or IndexOutOfRangeException or ArgumentException or InvalidCastException or InvalidOperationException or NotSupportedException or FormatException or KeyNotFoundException
            or AttributeException or TransformException or ExecutionException || (error is OutOfMemoryException && error.Message.Contains("dimensions", StringComparison.Ordinal));

    /// <summary>The reason to decline a node by.</summary>
    public static string Reason(Exception error) => $"its attributes, or the shapes of its inputs, are none that its op allows: {error.Message}";
}
