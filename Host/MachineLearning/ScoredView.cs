using Microsoft.ML;
using Microsoft.ML.Data;

namespace TransformFramework.MachineLearning;

/// <summary>A data view with the columns that a graph adds.</summary>
internal sealed class ScoredView(IDataView input, GraphScorer scorer) : IDataView
{
    public bool CanShuffle => input.CanShuffle;

    public DataViewSchema Schema { get; } = scorer.Extend(input.Schema);

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var needed = new NeededColumns(input.Schema, scorer, columnsNeeded);
        return new ScoredCursor(input.GetRowCursor(needed.OfInput, rand), Schema, needed, scorer);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var needed = new NeededColumns(input.Schema, scorer, columnsNeeded);
        return [.. input.GetRowCursorSet(needed.OfInput, n, rand).Select(cursor => new ScoredCursor(cursor, Schema, needed, scorer))];
    }

    private sealed class ScoredCursor(DataViewRowCursor inner, DataViewSchema schema, NeededColumns needed, GraphScorer scorer) : DataViewRowCursor
    {
        private readonly RowScores scores = new(inner, schema, needed, scorer);

        public override DataViewSchema Schema => schema;

        public override long Position => inner.Position;

        public override long Batch => inner.Batch;

        public override bool MoveNext() => inner.MoveNext();

        public override bool IsColumnActive(DataViewSchema.Column column) => needed.Includes(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => scores.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => inner.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>Adds the columns to single rows, as prediction engines ask for them.</summary>
internal sealed class ScoredRowMapper(DataViewSchema input, GraphScorer scorer) : IRowToRowMapper
{
    public DataViewSchema InputSchema => input;

    public DataViewSchema OutputSchema { get; } = scorer.Extend(input);

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => new NeededColumns(input, scorer, dependingColumns).OfInput;

    public DataViewRow GetRow(DataViewRow row, IEnumerable<DataViewSchema.Column> activeColumns) => new ScoredRow(row, OutputSchema, new(input, scorer, activeColumns), scorer);

    private sealed class ScoredRow(DataViewRow inner, DataViewSchema schema, NeededColumns needed, GraphScorer scorer) : DataViewRow
    {
        private readonly RowScores scores = new(inner, schema, needed, scorer);

        public override DataViewSchema Schema => schema;

        public override long Position => inner.Position;

        public override long Batch => inner.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => needed.Includes(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => scores.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => inner.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>The columns that somebody reads, and those of the input that are read for them.</summary>
internal sealed class NeededColumns
{
    private readonly HashSet<int> needed;

    public NeededColumns(DataViewSchema input, GraphScorer scorer, IEnumerable<DataViewSchema.Column> columns)
    {
        needed = [.. columns.Select(column => column.Index)];
        RunsGraph = needed.Any(index => index >= input.Count);
        IEnumerable<DataViewSchema.Column> passed = needed.Where(index => index < input.Count).Select(index => input[index]);
        OfInput = [.. passed.Concat(RunsGraph ? scorer.Find(input) : []).DistinctBy(column => column.Index)];
        InputCount = input.Count;
    }

    /// <summary>Columns of the input.</summary>
    public IReadOnlyList<DataViewSchema.Column> OfInput { get; }

    /// <summary>Number of columns of the input; those of the graph follow.</summary>
    public int InputCount { get; }

    /// <summary>Whether a column of the graph is among them.</summary>
    public bool RunsGraph { get; }

    public bool Includes(DataViewSchema.Column column) => needed.Contains(column.Index);
}
