using Microsoft.ML;
using Microsoft.ML.Data;
using TransformFramework.Engine;

namespace TransformFramework.MachineLearning;

/// <summary>Adds the results of a graph to each row of a data view. Thread-safe; disposing it closes the model.</summary>
public sealed class GraphScoringTransformer : ITransformer, IDisposable
{
    internal GraphScoringTransformer(GraphScorer scorer) => Scorer = scorer;

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    internal GraphScorer Scorer { get; }

    /// <summary>Loads what <see cref="Save(string)"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="engine">Loads the model; null for one with the first-party plugins.</param>
    /// <exception cref="InvalidDataException">The file is not one of a transformer.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static GraphScoringTransformer Load(string path, TransformEngine? engine = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new(ScorerFile.Read(path, engine ?? new()));
    }

    /// <summary>Writes the graph and its columns into one file.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ScorerFile.Write(path, Scorer);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A column is missing, or its type or size is not the input's.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return Scorer.Extend(inputSchema);
    }

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new ScoredView(input, Scorer);
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new ScoredRowMapper(inputSchema, Scorer);
    }

    /// <summary>Refuses: ML.NET loads only transformers of its own assemblies, so a chain is saved in parts.</summary>
    /// <exception cref="NotSupportedException">Always; the message says what to call.</exception>
    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        throw new NotSupportedException("ML.NET loads only transformers of its own assemblies from its model files. Save this transformer by Save(path) and load it by GraphScoringTransformer.Load(path); save the other parts of the chain by MLContext.Model.Save.");

    /// <summary>Closes the model.</summary>
    public void Dispose() => Scorer.Dispose();
}
