using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

/// <summary>Runs a transform on a graph in text form and gives the result in text form.</summary>
internal sealed class TransformTest(ITransform transform, object? options = null)
{
    public ImmutableArray<string> Inputs { get; init; } = [];

    public ImmutableArray<string> Outputs { get; init; } = [];

    public TransformMode Mode { get; init; }

    /// <summary>The context of the last run, with its diagnostics and statistics.</summary>
    public TransformContext Context { get; private set; } = new();

    public string Run(string graph)
    {
        Context = new() { InputNames = Inputs, OutputNames = Outputs, Mode = Mode };
        Graph result = transform.Apply(GraphText.Parse(graph), options ?? new NoOptions(), Context);
        return GraphText.Print(result).Trim();
    }

    /// <summary>Runs and compares; both graphs are normalised by the printer.</summary>
    public void Check(string before, string after) => Assert.Equal(GraphText.Print(GraphText.Parse(after)).Trim(), Run(before));

    public void CheckUnchanged(string graph) => Check(graph, graph);

    public TransformException Fails(string graph) => Assert.Throws<TransformException>(() => Run(graph));
}
