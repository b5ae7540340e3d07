using TransformFramework.Engine;
using TransformFramework.MachineLearning;

namespace Microsoft.ML;

/// <summary>Adds the scoring of graphs to ML.NET's catalog.</summary>
public static class GraphScoringCatalog
{
    /// <summary>An estimator that scores a model of any format.</summary>
    /// <param name="catalog">ML.NET's catalog.</param>
    /// <param name="path">The model.</param>
    /// <param name="outputs">Columns to add, each with the graph's output; null for every output by its own name.</param>
    /// <param name="inputs">Columns to read, each with the graph's input; null for every input by its own name.</param>
    /// <param name="shapes">Shapes of the inputs for one row, in the order of <paramref name="inputs"/>, where the graph leaves more than its first dimension open; null for the graph's.</param>
    /// <param name="engine">Loads the model; null for one with the first-party plugins.</param>
    /// <exception cref="TransformFramework.ModelFiles.ModelFormatException">There is no readable model.</exception>
    /// <exception cref="TransformFramework.Execution.ExecutionException">An input or output does not exist, or the graph cannot be run.</exception>
    /// <exception cref="ArgumentException">An input's or output's type or shape has no column type; the message names it.</exception>
    public static GraphScoringEstimator ApplyGraph(
        this TransformsCatalog catalog,
        string path,
        IReadOnlyList<(string Column, string Output)>? outputs = null,
        IReadOnlyList<(string Column, string Input)>? inputs = null,
        IReadOnlyList<long[]>? shapes = null,
        TransformEngine? engine = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        engine ??= new();
        return new(new(GraphScorer.Create(engine, engine.Load(path), new(outputs, inputs, shapes))));
    }

    /// <summary>An estimator that scores a model that the program has. The transformer closes it.</summary>
    /// <inheritdoc cref="ApplyGraph(TransformsCatalog, string, IReadOnlyList{ValueTuple{string, string}}, IReadOnlyList{ValueTuple{string, string}}, IReadOnlyList{long[]}, TransformEngine)"/>
    public static GraphScoringEstimator ApplyGraph(
        this TransformsCatalog catalog,
        TransformFramework.Engine.Model model,
        IReadOnlyList<(string Column, string Output)>? outputs = null,
        IReadOnlyList<(string Column, string Input)>? inputs = null,
        IReadOnlyList<long[]>? shapes = null,
        TransformEngine? engine = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        return new(new(GraphScorer.Create(engine ?? new(), model, new(outputs, inputs, shapes))));
    }
}
