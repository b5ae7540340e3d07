using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Tests.PluginLoading;

/// <summary>A plugin that is one file of C#.</summary>
public sealed class SourceFilePluginTests : IDisposable
{
    private const string Source = """
        using TransformFramework.Graphs;
        using TransformFramework.Toolkit.Ops;
        using TransformFramework.Transforms;

        /// <summary>Puts every node on a device.</summary>
        [Transform("place", Summary = "Places nodes.")]
        public sealed class Place : Transform
        {
            protected override Graph Apply(Graph graph, TransformContext context) => graph.Select(node => node with { Device = LikelyOutputs.Of(graph).First().Name });
        }
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("source");

    [Fact]
    public void It_is_compiled_once_for_its_content()
    {
        string path = Path.Combine(folder.FullName, "Placing.cs");
        string cache = Path.Combine(folder.FullName, "cache");
        File.WriteAllText(path, Source);
        string compiled = SourceFilePlugin.Compile(path, cache);
        DateTime written = File.GetLastWriteTimeUtc(compiled);
        Assert.Equal(compiled, SourceFilePlugin.Compile(path, cache));
        Assert.Equal(written, File.GetLastWriteTimeUtc(compiled));
        Assert.Equal([Path.GetDirectoryName(Path.GetDirectoryName(compiled))!], Directory.GetDirectories(cache));

        PluginCatalog catalog = PluginCatalog.Discover([compiled], folder.FullName, userFolder: null);
        Graph placed = catalog.Create(catalog.Find("Placing", "place")!).Apply(GraphText.Parse("y = NoOp2()"), new NoOptions(), new TransformContext());
        Assert.Equal("y", placed.Nodes[0].Device);
    }

    [Fact]
    public void An_error_of_the_compiler_names_the_line()
    {
        string path = Path.Combine(folder.FullName, "Broken.cs");
        File.WriteAllText(path, "public class Broken { int x = \"text\"; }");
        var error = Assert.Throws<PluginException>(() => SourceFilePlugin.Compile(path, Path.Combine(folder.FullName, "cache")));
        Assert.Equal("TFX3031", error.DiagnosticId);
        Assert.Contains($"{path}(1,31): error CS0029", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(folder.FullName, "cache")));
    }

    public void Dispose() => folder.Delete(recursive: true);
}
