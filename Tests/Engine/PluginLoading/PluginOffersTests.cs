using TransformFramework.Diagnostics;
using TransformFramework.Engine.PluginLoading;

namespace TransformFramework.Engine.Tests.PluginLoading;

/// <summary>Kernels, formats and backends of one name: whose counts.</summary>
public sealed class PluginOffersTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plugin-offers");

    [Fact]
    public void The_programs_own_kernel_goes_before_a_plugins_with_a_warning()
    {
        Plugin(folder.CreateSubdirectory("plugins"), "Own", "OfferedOp");
        PluginCatalog catalog = Discover(Plugin(folder, "Other", "OfferedOp"));
        Diagnostic diagnostic = Assert.Single(catalog.Diagnostics);
        Assert.Equal(("TFX3026", Severity.Warning), (diagnostic.Id, diagnostic.Severity));
        Assert.Contains("'Other'", diagnostic.Message, StringComparison.Ordinal);
        Assert.Equal(["Own"], OwnersOf(catalog, "OfferedOp"));
    }

    [Fact]
    public void Of_two_third_party_kernels_neither_is_used()
    {
        PluginCatalog catalog = Discover(Plugin(folder, "One", "OfferedOp"), Plugin(folder, "Two", "OfferedOp"));
        Diagnostic diagnostic = Assert.Single(catalog.Diagnostics);
        Assert.Equal(("TFX3027", Severity.Warning), (diagnostic.Id, diagnostic.Severity));
        Assert.Contains("'One' and 'Two'", diagnostic.Message, StringComparison.Ordinal);
        Assert.Empty(OwnersOf(catalog, "OfferedOp"));
    }

    [Fact]
    public void Offers_of_different_names_stay()
    {
        PluginCatalog catalog = Discover(Plugin(folder, "One", "OfferedOp"), Plugin(folder, "Two", "OtherOp"));
        Assert.Empty(catalog.Diagnostics);
        Assert.Equal(["One"], OwnersOf(catalog, "OfferedOp"));
        Assert.Equal(["Two"], OwnersOf(catalog, "OtherOp"));
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static string[] OwnersOf(PluginCatalog catalog, string op) => [.. catalog.Plugins.Where(plugin => plugin.Offers.Any(offer => offer.Name == op)).Select(plugin => plugin.Name)];

    private static string Plugin(DirectoryInfo parent, string name, string op) => Fixture.Write(parent, name, Fixture.Contract(1, 0), Fixture.Kernel(op));

    private PluginCatalog Discover(params string[] paths) => PluginCatalog.Discover(paths, folder.FullName, userFolder: null);
}
