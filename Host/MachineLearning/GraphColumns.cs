namespace TransformFramework.MachineLearning;

/// <summary>Which columns a graph reads and adds, as the user asked for them.</summary>
/// <param name="Outputs">Columns to add, each with the graph's output; null for every output.</param>
/// <param name="Inputs">Columns to read, each with the graph's input; null for every input.</param>
/// <param name="Shapes">Shapes of the inputs for one row; null for the graph's.</param>
internal sealed record GraphColumns(IReadOnlyList<(string Column, string Output)>? Outputs, IReadOnlyList<(string Column, string Input)>? Inputs, IReadOnlyList<long[]>? Shapes);
