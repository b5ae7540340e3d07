using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Engine.Models;

/// <summary>A graph from a file. Its large tensors are views of the file until this is disposed.</summary>
public sealed class LoadedModel : IDisposable
{
    private readonly ModelSourceFile source;

    internal LoadedModel(Graph graph, ModelSourceFile source)
    {
        Graph = graph;
        this.source = source;
        FileBytes = source.Length;
    }

    public Graph Graph { get; }

    /// <summary>Size of the file.</summary>
    public long FileBytes { get; }

    public void Dispose() => source.Dispose();
}
