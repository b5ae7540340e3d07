using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Patterns;

/// <summary>Why a pass leaves a place of the graph as it is.</summary>
public sealed record Decline
{
    /// <param name="reason">The end of the sentence "it stays, because …", such as "the weights are transposed".</param>
    /// <param name="nodes">The nodes that the reason is about; none when it is the place itself.</param>
    public Decline(string reason, params ReadOnlySpan<Node> nodes)
    {
        Reason = reason;
        Nodes = [.. nodes];
    }

    public string Reason { get; }

    /// <summary>The nodes that the reason is about; empty when it is the place itself.</summary>
    public ImmutableArray<Node> Nodes { get; }

    public bool Equals(Decline? other) => other is not null && Reason == other.Reason && Nodes.AsSpan().SequenceEqual(other.Nodes.AsSpan());

    public override int GetHashCode() => Reason.GetHashCode(StringComparison.Ordinal);

    /// <summary>The reason.</summary>
    public override string ToString() => Reason;
}

/// <summary>Declines of transforms that match without patterns.</summary>
public static class Declines
{
    /// <summary>Leaves a node as it is; <c>--explain</c> shows the reason, and a diagnostic of the given kind reports it with the node and the reason as its arguments.</summary>
    public static void Decline(this TransformContext context, Node node, Decline decline, DiagnosticDescriptor? report = null)
    {
        context.Explain(node.Name, decline.Reason);
        if (report is not null)
            context.Report(report.At(node, decline.Reason));
    }
}
