using Microsoft.ML;
using Microsoft.ML.Data;

namespace TransformFramework.MachineLearning;

/// <summary>Scores a graph, row by row. There is nothing to train: <see cref="Fit"/> checks the columns.</summary>
public sealed class GraphScoringEstimator : IEstimator<GraphScoringTransformer>
{
    private readonly GraphScoringTransformer transformer;

    internal GraphScoringEstimator(GraphScoringTransformer transformer) => this.transformer = transformer;

    /// <summary>The transformer, after a check of the columns that it reads.</summary>
    /// <exception cref="ArgumentException">A column is missing, or its type or size is not the input's.</exception>
    public GraphScoringTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <summary>The columns with those that the graph adds.</summary>
    /// <exception cref="ArgumentException">A column that the graph reads is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var columns = inputSchema.ToDictionary(column => column.Name, StringComparer.Ordinal);
        foreach (GraphColumn input in transformer.Scorer.Inputs)
        {
            if (!columns.TryGetValue(input.Name, out SchemaShape.Column column))
                throw new ArgumentException($"there is no column '{input.Name}' for the graph's input '{input.Tensor}'; name another by 'inputs'", nameof(inputSchema));
            if (!column.ItemType.Equals(input.ItemType))
                throw new ArgumentException($"the column '{input.Name}' is of {column.ItemType}, the graph's input '{input.Tensor}' takes {input.ItemType}", nameof(inputSchema));
        }
        foreach (DataViewSchema.Column added in Added())
            columns[added.Name] = ColumnShapes.Of(added);
        return new(columns.Values);
    }

    private DataViewSchema Added()
    {
        var builder = new DataViewSchema.Builder();
        foreach (GraphColumn output in transformer.Scorer.Outputs)
            builder.AddColumn(output.Name, output.Type, annotations: null);
        return builder.ToSchema();
    }
}
