using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;
using TransformFramework.Keras.Layers;

namespace TransformFramework.Keras.Operators;

/// <summary>Python's indexing <c>x[1:, ..., None, -1]</c> as one StridedSlice.</summary>
internal static class SliceSpecification
{
    /// <summary>The node.</summary>
    /// <exception cref="KerasException">An index is not a number or a slice of numbers.</exception>
    public static Symbol Apply(GraphBuilder graph, Symbol x, Argument specification)
    {
        ImmutableArray<Entry> entries = [.. Items(specification).Select(Entry.Of)];
        int used = entries.Count(entry => entry.TakesAxis);
        if (used > x.Rank || entries.Count(entry => entry.Kind == EntryKind.Ellipsis) > 1)
            throw KerasException.Configuration($"{entries.Length} indices do not fit a tensor of shape {x.Shape}");
        var dimensions = new List<long>();
        long begin = 0, end = 0, ellipsis = 0, added = 0, shrunk = 0;
        int axis = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            Entry entry = entries[i];
            long bit = 1L << i;
            switch (entry.Kind)
            {
                case EntryKind.Ellipsis:
                    ellipsis |= bit;
                    for (int k = x.Rank - used; k > 0; k--)
                        dimensions.Add(x.Shape[axis++]);
                    break;
                case EntryKind.NewAxis:
                    added |= bit;
                    dimensions.Add(1);
                    break;
                case EntryKind.Index:
                    shrunk |= bit;
                    Check(x.Shape[axis++], entry.Start!.Value);
                    break;
                default:
                    begin |= entry.Start is null ? bit : 0;
                    end |= entry.Stop is null ? bit : 0;
                    dimensions.Add(entry.Length(x.Shape[axis++]));
                    break;
            }
        }
        for (; axis < x.Rank; axis++)
            dimensions.Add(x.Shape[axis]);
        return graph.Add("StridedSlice", "strided_slice", TensorShape.Of([.. dimensions]),
            [
                x, graph.Ints("strided_slice/stack", entries.Select(entry => entry.Start ?? 0)), graph.Ints("strided_slice/stack_1", entries.Select(entry => entry.End)),
                graph.Ints("strided_slice/stack_2", entries.Select(entry => entry.Step)),
            ],
            ("begin_mask", begin), ("end_mask", end), ("ellipsis_mask", ellipsis), ("new_axis_mask", added), ("shrink_axis_mask", shrunk));
    }

    private static void Check(long size, long index)
    {
        if (size >= 0 && (index >= size || index < -size))
            throw KerasException.Configuration($"index {index} is outside of {size} elements");
    }

    private static IEnumerable<Argument> Items(Argument specification) => specification switch
    {
        ListArgument list => list.Items,
        ValueArgument { Value.ValueKind: JsonValueKind.Array } value => value.Value.EnumerateArray().Select(item => (Argument)new ValueArgument(item)),
        _ => [specification],
    };

    private enum EntryKind
    {
        Slice,
        Index,
        NewAxis,
        Ellipsis,
    }

    private sealed record Entry(EntryKind Kind, long? Start = null, long? Stop = null, long Step = 1)
    {
        public bool TakesAxis => Kind is EntryKind.Slice or EntryKind.Index;

        public long End => Kind == EntryKind.Index ? Start!.Value + 1 : Stop ?? 0;

        public static Entry Of(Argument argument) => argument switch
        {
            SliceArgument slice => new(EntryKind.Slice, Bound(slice.Start), Bound(slice.Stop), Bound(slice.Step) switch { null => 1, 0 => throw Unreadable(), var step => step.Value }),
            ValueArgument { Value.ValueKind: JsonValueKind.Null } => new(EntryKind.NewAxis),
            ValueArgument { Value.ValueKind: JsonValueKind.Object } => new(EntryKind.Ellipsis),
            ValueArgument value => new(EntryKind.Index, Bound(value) ?? throw Unreadable()),
            _ => throw Unreadable(),
        };

        /// <summary>Number of elements that a slice takes of so many, by Python's rules.</summary>
        public long Length(long size)
        {
            if (size < 0)
                return -1;
            long first = Start is null ? Step > 0 ? 0 : size - 1 : Clamp(Start.Value);
            long last = Stop is null ? Step > 0 ? size : -1 : Clamp(Stop.Value);
            long distance = Step > 0 ? last - first : first - last;
            return distance <= 0 ? 0 : (distance + Math.Abs(Step) - 1) / Math.Abs(Step);

            long Clamp(long bound) => Math.Clamp(bound < 0 ? bound + size : bound, Step > 0 ? 0 : -1, Step > 0 ? size : size - 1);
        }

        private static long? Bound(Argument? argument) => argument switch
        {
            null => null,
            ValueArgument { Value: var value } when ConfigurationObject.NumberOf(value) is { } number && Math.Abs(number) < 1L << 31 => (long)number,
            _ => throw Unreadable(),
        };

        private static KerasException Unreadable() => KerasException.Option("an index that is not a number, or a slice of numbers");
    }
}
