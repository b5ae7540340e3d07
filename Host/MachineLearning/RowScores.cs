using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using TransformFramework.Graphs;

namespace TransformFramework.MachineLearning;

/// <summary>The graph's results for the row at hand: it is run once a row, when a result is first asked for. Used by one thread, as rows are.</summary>
internal sealed class RowScores
{
    private readonly DataViewRow row;
    private readonly DataViewSchema schema;
    private readonly NeededColumns needed;
    private readonly GraphScorer scorer;
    private readonly Dictionary<string, Tensor> feeds = new(StringComparer.Ordinal);
    private readonly List<Action> readInputs = [];
    private ImmutableArray<Tensor> results;
    private long position = -1;

    public RowScores(DataViewRow row, DataViewSchema schema, NeededColumns needed, GraphScorer scorer)
    {
        this.row = row;
        this.schema = schema;
        this.needed = needed;
        this.scorer = scorer;
        if (!needed.RunsGraph)
            return;
        DataViewSchema.Column[] columns = scorer.Find(row.Schema);
        for (int i = 0; i < columns.Length; i++)
            readInputs.Add(Reader(scorer.Inputs[i], columns[i]));
    }

    /// <summary>The getter of a column of the input or of the graph.</summary>
    public ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (column.Index >= schema.Count || schema[column.Index].Name != column.Name || !needed.Includes(column))
            throw new ArgumentException($"the column '{column.Name}' is not among those that were asked for", nameof(column));
        if (column.Index < needed.InputCount)
            return row.GetGetter<TValue>(row.Schema[column.Index]);
        int index = column.Index - needed.InputCount;
        return scorer.Outputs[index].ElementType switch
        {
            DataType.Float => Getter<float, TValue>(index),
            DataType.Double => Getter<double, TValue>(index),
            DataType.UInt8 => Getter<byte, TValue>(index),
            DataType.Int8 => Getter<sbyte, TValue>(index),
            DataType.UInt16 => Getter<ushort, TValue>(index),
            DataType.Int16 => Getter<short, TValue>(index),
            DataType.UInt32 => Getter<uint, TValue>(index),
            DataType.Int32 => Getter<int, TValue>(index),
            DataType.UInt64 => Getter<ulong, TValue>(index),
            DataType.Int64 => Getter<long, TValue>(index),
            _ => Getter<bool, TValue>(index),
        };
    }

    private ValueGetter<TValue> Getter<T, TValue>(int index)
        where T : unmanaged
    {
        Delegate getter = scorer.Outputs[index].IsVector
            ? (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
            {
                ReadOnlySpan<T> elements = Result(index).AsSpan<T>();
                VBufferEditor<T> editor = VBufferEditor.Create(ref value, elements.Length);
                elements.CopyTo(editor.Values);
                value = editor.Commit();
            })
            : (ValueGetter<T>)((ref T value) => value = Result(index).AsSpan<T>()[0]);
        return getter as ValueGetter<TValue> ?? throw new ArgumentException($"the column '{scorer.Outputs[index].Name}' is {scorer.Outputs[index].Type}, not {typeof(TValue)}", nameof(index));
    }

    private Tensor Result(int index)
    {
        if (position == row.Position)
            return results[index];
        foreach (Action read in readInputs)
            read();
        results = scorer.Session.Run(feeds);
        position = row.Position;
        return results[index];
    }

    private Action Reader(GraphColumn input, DataViewSchema.Column column) => input.ElementType switch
    {
        DataType.Float => Reader<float>(input, column),
        DataType.Double => Reader<double>(input, column),
        DataType.UInt8 => Reader<byte>(input, column),
        DataType.Int8 => Reader<sbyte>(input, column),
        DataType.UInt16 => Reader<ushort>(input, column),
        DataType.Int16 => Reader<short>(input, column),
        DataType.UInt32 => Reader<uint>(input, column),
        DataType.Int32 => Reader<int>(input, column),
        DataType.UInt64 => Reader<ulong>(input, column),
        DataType.Int64 => Reader<long>(input, column),
        _ => Reader<bool>(input, column),
    };

    /// <summary>Copies the column's value into the memory of the tensor that the graph is fed, which is the same for every row.</summary>
    private Action Reader<T>(GraphColumn input, DataViewSchema.Column column)
        where T : unmanaged
    {
        byte[] content = new byte[input.Bytes];
        feeds.Add(input.Tensor, Tensor.FromContent(input.ElementType, input.Shape, content));
        if (column.Type is not VectorDataViewType)
        {
            ValueGetter<T> scalar = row.GetGetter<T>(column);
            return () => scalar(ref MemoryMarshal.Cast<byte, T>(content.AsSpan())[0]);
        }
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> buffer = default;
        return () =>
        {
            getter(ref buffer);
            Span<T> elements = MemoryMarshal.Cast<byte, T>(content.AsSpan());
            if (buffer.Length != elements.Length)
                throw new InvalidOperationException($"a row of the column '{input.Name}' has {buffer.Length} elements, the graph's input '{input.Tensor}' takes {elements.Length}");
            buffer.CopyTo(elements);
        };
    }
}
