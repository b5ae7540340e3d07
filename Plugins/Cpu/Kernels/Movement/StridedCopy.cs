namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Copies a block between two strided views. Dimensions that run on in both views are merged; planes that turn rows into columns go tile by tile.</summary>
internal sealed class StridedCopy
{
    private const int Tile = 16;

    private readonly Axis[] axes;
    private readonly int from;
    private readonly int to;
    private readonly bool hasPlanes;

    private StridedCopy(Axis[] axes, int from, int to, bool hasPlanes)
    {
        this.axes = axes;
        this.from = from;
        this.to = to;
        this.hasPlanes = hasPlanes;
    }

    /// <summary>True when the block runs on in both views from their starts.</summary>
    public bool IsWhole => from == 0 && to == 0 && (axes.Length == 0 || axes is [{ From: 1, To: 1 }]);

    /// <summary>The copy of a block; null for an empty one.</summary>
    public static StridedCopy? Of(Strided from, Strided to, ReadOnlySpan<long> dimensions)
    {
        var kept = new List<Axis>(dimensions.Length);
        for (int i = 0; i < dimensions.Length; i++)
        {
            if (dimensions[i] == 0)
                return null;
            var axis = new Axis((int)dimensions[i], from.Strides[i], to.Strides[i]);
            if (axis.Count == 1)
                continue;
            if (kept.Count > 0 && kept[^1].RunsOnto(axis))
                kept[^1] = axis with { Count = kept[^1].Count * axis.Count };
            else
                kept.Add(axis);
        }
        int turned = kept.Count > 1 && kept[^1].From != 1 ? kept.FindIndex(axis => axis.From == 1) : -1;
        bool isTurned = turned >= 0 && turned < kept.Count - 1;
        if (isTurned)
        {
            Axis axis = kept[turned];
            kept.RemoveAt(turned);
            kept.Insert(kept.Count - 1, axis);
        }
        return new([.. kept], from.Offset, to.Offset, isTurned);
    }

    public static void Copy<T>(ReadOnlySpan<T> source, Strided from, Span<T> target, Strided to, ReadOnlySpan<long> dimensions) => Of(from, to, dimensions)?.Run(source, target);

    /// <summary>Copies.</summary>
    public void Run<T>(ReadOnlySpan<T> source, Span<T> target) => Walk(source, from, target, to, axes, hasPlanes);

    private static void Walk<T>(ReadOnlySpan<T> source, int from, Span<T> target, int to, ReadOnlySpan<Axis> axes, bool planes)
    {
        if (axes.IsEmpty)
        {
            target[to] = source[from];
            return;
        }
        if (axes.Length == 1)
        {
            Line(source, from, target, to, axes[0]);
            return;
        }
        if (planes && axes.Length == 2)
        {
            Plane(source, from, target, to, axes[0], axes[1]);
            return;
        }
        for (int i = 0; i < axes[0].Count; i++)
            Walk(source, from + (i * axes[0].From), target, to + (i * axes[0].To), axes[1..], planes);
    }

    private static void Line<T>(ReadOnlySpan<T> source, int from, Span<T> target, int to, Axis axis)
    {
        if (axis.From == 1 && axis.To == 1)
        {
            source.Slice(from, axis.Count).CopyTo(target[to..]);
            return;
        }
        for (int i = 0; i < axis.Count; i++)
            target[to + (i * axis.To)] = source[from + (i * axis.From)];
    }

    private static void Plane<T>(ReadOnlySpan<T> source, int from, Span<T> target, int to, Axis outer, Axis inner)
    {
        for (int row = 0; row < outer.Count; row += Tile)
        {
            int rows = Math.Min(Tile, outer.Count - row);
            for (int column = 0; column < inner.Count; column += Tile)
            {
                Axis line = inner with { Count = Math.Min(Tile, inner.Count - column) };
                for (int i = row; i < row + rows; i++)
                    Line(source, from + (i * outer.From) + (column * inner.From), target, to + (i * outer.To) + (column * inner.To), line);
            }
        }
    }

    private readonly record struct Axis(int Count, int From, int To)
    {
        /// <summary>True when this axis and the next, inner one step through both views like a single axis.</summary>
        public bool RunsOnto(Axis inner) => From == inner.From * inner.Count && To == inner.To * inner.Count;
    }
}
