using TransformFramework.Graphs;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Writes strided slices. Interpreters take an ellipsis for one dimension at least, and five entries at most: where the graph has others, each dimension gets an entry of its own, and new axes are
/// put in behind.
/// </summary>
internal static class StridedSlices
{
    private const int MostEntries = 5;

    private static readonly string[] Masks = ["begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"];

    public static TensorDraft Write(NodeWriter node)
    {
        TensorDraft x = node.In(0);
        bool Has(string mask, int place) => (node.Node.Long(mask) >> place & 1) == 1;
        int entries = node.In(1).Shape is [var count] ? count : throw node.Decline("its begins must be a list");
        int consumed = Enumerable.Range(0, entries).Count(place => !Has("ellipsis_mask", place) && !Has("new_axis_mask", place));
        bool hasEmptyEllipsis = consumed == x.Rank && Enumerable.Range(0, entries).Any(place => Has("ellipsis_mask", place));
        bool isPlain = !hasEmptyEllipsis && entries <= MostEntries;
        if (isPlain)
            return node.Emit("STRIDED_SLICE", [x, node.Int32(1), node.Int32(2), node.Int32(3)], [.. Masks.Select(mask => (mask, (object)node.Int(mask)))]);
        if (consumed > x.Rank || x.Rank > MostEntries)
            throw node.Decline($"more than {MostEntries} dimensions have no counterpart");
        long[][] bounds = [node.RequiredIntegers(1), node.RequiredIntegers(2), node.RequiredIntegers(3)];
        var sliced = new List<(long Begin, long End, long Step, bool IsBeginOpen, bool IsEndOpen, bool IsIndex)>();
        var added = new List<long>();
        int place = 0;
        for (int i = 0; i < entries; i++)
        {
            if (Has("ellipsis_mask", i))
            {
                for (int k = consumed; k < x.Rank; k++, place++)
                    sliced.Add((0, 0, 1, true, true, false));
            }
            else if (Has("new_axis_mask", i))
            {
                added.Add(place++);
            }
            else
            {
                bool isIndex = Has("shrink_axis_mask", i);
                sliced.Add((bounds[0][i], bounds[1][i], bounds[2][i], Has("begin_mask", i), Has("end_mask", i), isIndex));
                place += isIndex ? 0 : 1;
            }
        }
        int Mask(Func<(long Begin, long End, long Step, bool IsBeginOpen, bool IsEndOpen, bool IsIndex), bool> isSet) => sliced.Select((entry, i) => isSet(entry) ? 1 << i : 0).Sum();
        TensorDraft result = node.Emit("STRIDED_SLICE",
            [x, node.Int32Constant([.. sliced.Select(entry => entry.Begin)]), node.Int32Constant([.. sliced.Select(entry => entry.End)]), node.Int32Constant([.. sliced.Select(entry => entry.Step)])],
            ("begin_mask", Mask(entry => entry.IsBeginOpen)), ("end_mask", Mask(entry => entry.IsEndOpen)), ("shrink_axis_mask", Mask(entry => entry.IsIndex)));
        return added.Aggregate(result, (all, axis) => node.Emit("EXPAND_DIMS", [all, node.Int32Constant([axis], [])]));
    }
}
