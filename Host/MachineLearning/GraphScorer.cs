using System.Collections.Immutable;
using Microsoft.ML;
using TransformFramework.Engine;
using TransformFramework.Graphs;

namespace TransformFramework.MachineLearning;

/// <summary>A model with a session and the columns that go in and come out. Thread-safe.</summary>
internal sealed class GraphScorer : IDisposable
{
    private GraphScorer(Model model, Session session, ImmutableArray<GraphColumn> inputs, ImmutableArray<GraphColumn> outputs)
    {
        Model = model;
        Session = session;
        Inputs = inputs;
        Outputs = outputs;
    }

    public Model Model { get; }

    public Session Session { get; }

    /// <summary>The columns that are read.</summary>
    public ImmutableArray<GraphColumn> Inputs { get; }

    /// <summary>The columns that are added.</summary>
    public ImmutableArray<GraphColumn> Outputs { get; }

    public static GraphScorer Create(TransformEngine engine, Model model, GraphColumns columns)
    {
        var options = new SessionOptions
        {
            Inputs = columns.Inputs is { } inputs ? [.. inputs.Select(input => input.Input)] : [],
            Outputs = columns.Outputs is { } outputs ? [.. outputs.Select(output => output.Output)] : [],
        };
        Session session = engine.CreateSession(model, options);
        if (columns.Shapes is { } shapes && shapes.Count != session.Inputs.Length)
            throw new ArgumentException($"{shapes.Count} shapes for {session.Inputs.Length} inputs; give one for each", nameof(columns));
        ImmutableArray<GraphColumn> read = [.. session.Inputs.Select((input, i) => GraphColumn.OfInput(input, columns.Inputs?[i].Column, columns.Shapes?[i]))];
        return new(model, session, read, [.. Described(session, read).Select((tensor, i) => GraphColumn.OfOutput(tensor.Info, tensor.Value, columns.Outputs?[i].Column))]);
    }

    /// <summary>The columns of a schema that the graph reads.</summary>
    /// <exception cref="ArgumentException">A column is missing, or its type or size is not the input's.</exception>
    public DataViewSchema.Column[] Find(DataViewSchema schema) => [.. Inputs.Select(input => input.Find(schema))];

    public DataViewSchema Extend(DataViewSchema schema)
    {
        Find(schema);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(schema);
        foreach (GraphColumn output in Outputs)
            builder.AddColumn(output.Name, output.Type, annotations: null);
        return builder.ToSchema();
    }

    public void Dispose() => Model.Dispose();

    /// <summary>Types and sizes of the results are those of a run: graphs do not say all of them.</summary>
    private static IEnumerable<(TensorInfo Info, Tensor Value)> Described(Session session, ImmutableArray<GraphColumn> inputs)
    {
        var zeros = inputs.ToDictionary(input => input.Tensor, input => Tensor.FromContent(input.ElementType, input.Shape, new byte[input.Bytes]), StringComparer.Ordinal);
        return session.Outputs.Zip(session.Run(zeros));
    }
}
