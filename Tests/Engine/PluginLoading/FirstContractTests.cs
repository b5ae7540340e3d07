using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Tests.PluginLoading;

/// <summary>
/// A plugin as it was compiled against the first contract: the plugin of examples/02, built before members were added. It must load and work, whatever is added; never build it again.
/// </summary>
public sealed class FirstContractTests : IDisposable
{
    private static readonly Graph Clips = GraphText.Parse("""
        x = Placeholder() {dtype=float, shape=(3)}
        c = ClippedRelu(x) {limit=6.0}
        y = ClippedRelu(c) {limit=4.0}
        """);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plugins");

    [Fact]
    public void Its_pattern_transform_rewrites() => Assert.Equal(4, Run("merge_clips", new NoOptions()).Find("y")!.Float("limit"));

    [Fact]
    public void Its_kernel_runs()
    {
        PluginCatalog catalog = PluginCatalog.Discover([Fixture.Folder("Clipping")], Fixture.HostFolder, userFolder: null);
        IExecutable executable = catalog.Backend!.Compile(Clips, ["y"], CompileOptions.Default);
        Tensor result = executable.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(3), [-1, 2, 9]) })[0];
        Assert.Equal([0, 2, 4], result.AsSpan<float>().ToArray());
    }

    public void Dispose() => folder.Delete(recursive: true);

    private Graph Run(string transform, object options)
    {
        PluginCatalog catalog = Catalog();
        return catalog.Create(catalog.Find(null, transform)!).Apply(Clips, options, new TransformContext());
    }

    private PluginCatalog Catalog()
    {
        PluginCatalog catalog = PluginCatalog.Discover([Fixture.Folder("Clipping")], folder.FullName, userFolder: null);
        Assert.True(Assert.Single(catalog.Plugins).IsAccepted);
        return catalog;
    }
}
