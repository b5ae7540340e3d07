using System.Collections.Immutable;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Engine.Tests.PluginLoading;

/// <summary>Plugins that are accepted, and what becomes of them when they are loaded and called.</summary>
public sealed class PluginFailureTests : IDisposable
{
    private static readonly Graph OneNode = GraphText.Parse("x = NoOp()");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plugins");

    [Fact]
    public void A_plugin_with_its_own_copy_of_a_newer_contract_runs() =>
        Assert.Equal("/newer", Device(Run(Fixture.Folder("NewerContract"), "needs_nothing_new")));

    [Fact]
    public void A_plugin_built_against_a_newer_contract_runs_without_a_copy() =>
        Assert.Equal("/newer", Device(Run(Fixture.CopyWithout("NewerContract", "TransformFramework.Abstractions.dll", folder), "needs_nothing_new")));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_plugin_that_needs_more_than_this_contract_is_told_so(bool hasCopy)
    {
        string plugin = hasCopy ? Fixture.Folder("NewerContract") : Fixture.CopyWithout("NewerContract", "TransformFramework.Abstractions.dll", folder);
        Fails(plugin, "needs_the_addition", "TFX3013", "plugin 'NewerContract' 1.0.0.0 does not fit this program");
    }

    [Fact]
    public void Two_plugins_have_their_own_versions_of_a_dependency()
    {
        PluginCatalog catalog = PluginCatalog.Discover([Fixture.Folder("UsesLibraryOne"), Fixture.Folder("UsesLibraryTwo")], folder.FullName, userFolder: null);
        Assert.Equal("1.0.0.0", Device(Run(catalog, "UsesLibraryOne::library_version")));
        Assert.Equal("2.0.0.0", Device(Run(catalog, "UsesLibraryTwo::library_version")));
        Assert.Equal("1.0.0.0", Device(Run(catalog, "UsesLibraryTwo::library_version UsesLibraryOne::library_version")));
    }

    [Fact]
    public async Task Threads_that_ask_at_the_same_time_get_types_of_one_copy()
    {
        for (int round = 0; round < 20; round++)
        {
            PluginCatalog catalog = PluginCatalog.Discover([Fixture.Folder("UsesLibraryOne")], folder.FullName, userFolder: null);
            TransformDescription description = catalog.Find(null, "library_version")!;
            using var start = new Barrier(4);
            Task<Type>[] asked = [.. Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return catalog.Create(description).GetType();
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default))];
            Type[] types = await Task.WhenAll(asked);
            Assert.Single(types.Distinct());
        }
    }

    [Fact]
    public void A_missing_dependency_is_named()
    {
        StepFailure failure = Fails(Fixture.CopyWithout("UsesLibraryOne", "PrivateLibrary.dll", folder), "library_version", "TFX3012", "plugin 'UsesLibraryOne' 1.0.0.0 lacks a dependency: PrivateLibrary");
        Assert.Contains(folder.FullName, failure.Diagnostic.Suggestion, StringComparison.Ordinal);
    }

    [Fact]
    public void A_throwing_constructor_is_named() =>
        Fails(Fixture.Folder("Faulty"), "throws_in_constructor", "TFX3014", "creating transform 'throws_in_constructor' of plugin 'Faulty' 1.0.0.0 threw InvalidOperationException: no licence");

    [Fact]
    public void A_throwing_transform_is_named() =>
        Fails(Fixture.Folder("Faulty"), "throws_in_apply", "TFX3010", "transform 'throws_in_apply' of plugin 'Faulty' 1.0.0.0 threw InvalidOperationException: a table is empty");

    [Fact]
    public void A_transform_that_lacks_memory_is_named() =>
        Fails(Fixture.Folder("Faulty"), "lacks_memory", "TFX3010", "transform 'lacks_memory' of plugin 'Faulty' 1.0.0.0 threw OutOfMemoryException: a table is too large");

    [Fact]
    public void A_class_that_is_no_transform_is_named() => Fails(Fixture.Folder("Faulty"), "is_none", "TFX3011", "transform 'is_none' of plugin 'Faulty' 1.0.0.0 is not a ITransform");

    [Fact]
    public void A_plugins_fault_is_not_ignored_by_ignore_errors()
    {
        PluginCatalog catalog = PluginCatalog.Discover([Fixture.Folder("Faulty")], folder.FullName, userFolder: null);
        PipelineResult result = Run(catalog, "throws_in_apply(ignore_errors=true)");
        Assert.Equal("TFX3010", result.Failure?.Diagnostic.Id);
    }

    [Fact]
    public void A_throwing_kernel_is_named()
    {
        PluginCatalog catalog = PluginCatalog.Discover([Fixture.Folder("Faulty")], Fixture.HostFolder, userFolder: null);
        IExecutable executable = catalog.Backend!.Compile(GraphText.Parse("y = ThrowingOp()"), ["y"], CompileOptions.Default);
        var error = Assert.Throws<PluginException>(() => executable.Run(ImmutableDictionary<string, Tensor>.Empty));
        Assert.Equal("TFX3015", error.DiagnosticId);
        Assert.Contains("kernel of op 'ThrowingOp' of plugin 'Faulty' 1.0.0.0 threw InvalidOperationException at node 'y': a table is empty", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plugin_is_loaded_only_for_what_a_run_calls()
    {
        string broken = Fixture.CopyWithout("UsesLibraryOne", "PrivateLibrary.dll", folder);
        PluginCatalog catalog = PluginCatalog.Discover([broken, Fixture.Folder("NewerContract")], folder.FullName, userFolder: null);
        Assert.Equal("/newer", Device(Run(catalog, "needs_nothing_new")));
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static PipelineResult Run(PluginCatalog catalog, string script) =>
        new PipelineRunner(catalog).Run(OneNode, ScriptParser.Parse(script).Script!, new PipelineOptions(), CancellationToken.None);

    private static string Device(PipelineResult result)
    {
        Assert.Null(result.Failure?.Diagnostic.ToString());
        return Assert.Single(result.Graph!.Nodes).Device;
    }

    private PipelineResult Run(string plugin, string script) => Run(PluginCatalog.Discover([plugin], folder.FullName, userFolder: null), script);

    private StepFailure Fails(string plugin, string transform, string id, string message)
    {
        StepFailure? failure = Run(plugin, transform).Failure;
        Assert.NotNull(failure);
        Assert.True(failure.IsPluginFault);
        Assert.Equal(id, failure.Diagnostic.Id);
        Assert.Contains(message, failure.Diagnostic.Message, StringComparison.Ordinal);
        return failure;
    }
}
