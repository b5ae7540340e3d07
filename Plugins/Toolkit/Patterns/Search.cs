using System.Runtime.CompilerServices;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Patterns;

/// <summary>One attempt to match a pattern at a head: the graph, and the miss that came nearest to a match.</summary>
internal sealed class Search(Graph graph, bool explains)
{
    private int nearestDepth;

    /// <summary>Why the attempt that bound most patterns failed; null when the head itself did not fit or it is not asked for.</summary>
    public string? NearestMiss { get; private set; }

    /// <summary>The node that an input reads, or null after noting the miss.</summary>
    public Node? Producer(NodeInput input, Bindings bound)
    {
        if (graph.Find(input.Node) is { } node)
            return node;
        Miss(bound, $"'{input.Node}' is not in the graph");
        return null;
    }

    /// <summary>The bindings with one more, or null after noting that the pattern stands for another tensor already.</summary>
    public Bindings? Bind(Bindings bound, object key, NodeInput input, Node node, bool isInner)
    {
        if (bound.Find(key) is not { } earlier || earlier.Input.Canonical == input.Canonical)
            return new(key, input, node, isInner, bound);
        Miss(bound, $"'{earlier.Input}' and '{input}' are not the same tensor");
        return null;
    }

    /// <summary>Notes why the search ended here; the text is made only when the miss is the nearest so far.</summary>
    public void Miss(Bindings bound, [InterpolatedStringHandlerArgument("", nameof(bound))] ref MissText reason)
    {
        if (!reason.IsWanted)
            return;
        nearestDepth = bound.Depth;
        NearestMiss = reason.Text.ToStringAndClear();
    }

    private bool IsNearest(Bindings bound) => explains && bound.Depth > nearestDepth;

    /// <summary>An interpolated string that costs nothing when the miss is not the nearest.</summary>
    [InterpolatedStringHandler]
    public ref struct MissText
    {
        public DefaultInterpolatedStringHandler Text;

        public MissText(int literalLength, int formattedCount, Search search, Bindings bound, out bool isWanted)
        {
            IsWanted = isWanted = search.IsNearest(bound);
            if (isWanted)
                Text = new(literalLength, formattedCount);
        }

        public bool IsWanted { get; }

        public void AppendLiteral(string value) => Text.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => Text.AppendFormatted(value);
    }
}
