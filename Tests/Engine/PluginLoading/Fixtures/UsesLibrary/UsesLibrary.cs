using PrivateLibrary;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

[assembly: TransformApi(1, 0)]

namespace UsesLibrary;

/// <summary>Writes the version of its private dependency into every device. Two plugins offer it, each with another version.</summary>
[Transform("library_version")]
public sealed class LibraryVersion : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context) => graph.Select(node => node with { Device = Library.Version });
}

/// <summary>Has the name of a transform of the program.</summary>
[Transform("rename_op")]
public sealed class RenameOp : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context) => graph;
}
