using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Engine.Tests.Models;

public sealed class SharedModelTests
{
    [SkippableTheory]
    [InlineData("oracle-transforms")]
    [InlineData("models")]
    public void Every_model_keeps_its_graph_through_the_writer(string folder)
    {
        string? root = SharedFiles.Find(folder);
        Skip.If(root is null, $"shared/{folder} is not there");
        var files = Directory.EnumerateFiles(root, "*.pb", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(path) != "saved_model.pb").Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(files);
        Assert.All(files, RoundTrips);
    }

    private static void RoundTrips(string path)
    {
        using LoadedModel model = ModelFile.Open(path, CancellationToken.None, acceptsEmpty: true);
        using var written = new MemoryStream();
        GraphDefWriter.Write(model.Graph, written);
        Graph again = GraphDefReader.Read(written.ToArray());
        Assert.Equal(GraphDefWriter.Measure(model.Graph), written.Length);
        GraphAssert.Same(model.Graph, again);
    }
}
