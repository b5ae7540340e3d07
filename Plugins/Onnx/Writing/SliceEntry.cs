using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;

namespace TransformFramework.Onnx.Writing;

/// <summary>One entry of a strided slice.</summary>
/// <param name="Place">Its place in the lists of begins and ends; -1 for a dimension that an ellipsis stands for.</param>
/// <param name="Axis">The input's dimension; -1 for a new axis.</param>
internal sealed record SliceEntry(int Place, int Axis)
{
    public long Step { get; init; } = 1;

    /// <summary>Size of the input's dimension; -1 where unknown.</summary>
    public long Size { get; init; } = -1;

    /// <summary>True for a single index, whose dimension goes.</summary>
    public bool IsIndex { get; init; }

    public bool IsBeginOpen { get; init; }

    public bool IsEndOpen { get; init; }

    public bool IsWhole => Place < 0 || (!IsIndex && IsBeginOpen && IsEndOpen && Step == 1);

    public static SliceEntry[] Of(NodeWriter node, int rank, int entries)
    {
        long Mask(string name) => node.Integer(name, 0);
        bool Has(string name, int place) => (Mask(name) >> place & 1) == 1;
        long[]? steps = node.Known(3);
        int consumed = Enumerable.Range(0, entries).Count(place => !Has("ellipsis_mask", place) && !Has("new_axis_mask", place));
        var found = new List<SliceEntry>();
        int axis = 0;
        for (int place = 0; place < entries; place++)
        {
            if (Has("ellipsis_mask", place))
            {
                for (int i = consumed; i < rank; i++)
                    found.Add(new(-1, axis++));
                continue;
            }
            if (Has("new_axis_mask", place))
            {
                found.Add(new(place, -1));
                continue;
            }
            bool isIndex = Has("shrink_axis_mask", place);
            long step = isIndex ? 1 : steps?[place] ?? throw OnnxDiagnostics.Decline("steps that are computed");
            found.Add(new(place, axis) { Step = step, Size = node.Info(0).Shape[axis++], IsIndex = isIndex, IsBeginOpen = !isIndex && Has("begin_mask", place), IsEndOpen = !isIndex && Has("end_mask", place) });
        }
        return [.. found];
    }

    /// <summary>Starts or ends of the sliced dimensions; constant where they are known.</summary>
    public static Operand Bounds(NodeWriter node, SliceEntry[] entries, bool isEnd)
    {
        long[]? known = node.Known(isEnd ? 2 : 1);
        long[]? begins = node.Known(1);
        bool areKnown = entries.All(entry => entry.IsIndex ? begins is not null : (isEnd ? entry.IsEndOpen : entry.IsBeginOpen) || known is not null);
        if (areKnown)
            return node.Longs([.. entries.Select(entry => entry.Known(known, begins, isEnd))]);
        Operand[] parts = [.. entries.Select(entry => entry.Computed(node, known, begins, isEnd))];
        return parts.Length == 1 ? parts[0] : node.Emit("Concat", parts, ("axis", 0L));
    }

    /// <summary>Places in the result of the axes that are new.</summary>
    public static long[] NewAxes(SliceEntry[] entries, int rank)
    {
        var places = new List<long>();
        int at = 0;
        foreach (SliceEntry entry in entries)
        {
            if (entry.Axis < 0)
                places.Add(at++);
            else if (!entry.IsIndex)
                at++;
        }
        return [.. places.Where(place => place <= rank + places.Count)];
    }

    private long Known(long[]? bounds, long[]? begins, bool isEnd)
    {
        if (IsIndex)
            return isEnd ? begins![Place] == -1 ? long.MaxValue : begins[Place] + 1 : begins![Place];
        // A begin before the first element selects nothing backwards, where ONNX begins with the first.
        bool isEmpty = Step < 0 && !IsBeginOpen && Size >= 0 && begins is not null && begins[Place] < -Size;
        if (isEmpty)
            return 0;
        if (isEnd)
            return IsEndOpen ? Step < 0 ? long.MinValue : long.MaxValue : Step < 0 && bounds![Place] >= int.MaxValue ? int.MaxValue - 1 : bounds![Place];
        return IsBeginOpen ? Step < 0 ? long.MaxValue : 0 : bounds![Place];
    }

    private Operand Computed(NodeWriter node, long[]? bounds, long[]? begins, bool isEnd)
    {
        bool isKnown = IsIndex ? begins is not null : (isEnd ? IsEndOpen : IsBeginOpen) || bounds is not null;
        if (isKnown)
            return node.Longs(Known(bounds, begins, isEnd));
        Operand list = node.Cast(node[isEnd && !IsIndex ? 2 : 1], DataType.Int64);
        Operand own = list.Info.Shape is { Rank: 1, Dimensions: [1] } ? list : node.Slice(list, Place, Place + 1, 0);
        if (!IsIndex || !isEnd)
            return own;
        Operand next = node.Emit("Add", [own, node.Longs(1)]);
        return node.Emit("Where", [node.Emit("Equal", [own, node.Longs(-1)]), node.Longs(long.MaxValue), next]);
    }
}
