using TransformFramework.Diagnostics;
using TransformFramework.Engine.PluginLoading;

namespace TransformFramework.Engine.Tests.PluginLoading;

/// <summary>What is found, and what is rejected before anything is loaded, each with its own diagnostic.</summary>
public sealed class PluginDiscoveryTests : IDisposable
{
    private static readonly byte[] FaultyAssembly = File.ReadAllBytes(Path.Combine(Fixture.Folder("Faulty"), "Faulty.dll"));

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plugins");

    [Theory]
    [InlineData("no library at all")]
    [InlineData("MZ")]
    [InlineData("\u007fELF\u0002\u0001\u0001")]
    [InlineData("")]
    public void A_DLL_that_is_not_dotnet_is_rejected(string content)
    {
        string path = Path.Combine(folder.CreateSubdirectory("Native").FullName, "Native.dll");
        File.WriteAllText(path, content);
        Rejected(path, "TFX3001", "not a .NET assembly");
    }

    [Theory]
    [InlineData(64)]
    [InlineData(300)]
    [InlineData(600)]
    [InlineData(1500)]
    public void A_truncated_assembly_is_rejected(int length)
    {
        string path = Path.Combine(folder.CreateSubdirectory("Cut").FullName, "Cut.dll");
        File.WriteAllBytes(path, FaultyAssembly[..length]);
        Rejected(path, "TFX3001", "not a .NET assembly");
    }

    [Fact]
    public void A_damaged_assembly_is_accepted_or_rejected_but_never_ends_the_program()
    {
        string path = Path.Combine(folder.CreateSubdirectory("Damaged").FullName, "Damaged.dll");
        var random = new Random(Seed: 1);
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = [.. FaultyAssembly[..random.Next(i % 2 == 0 ? FaultyAssembly.Length : 1, FaultyAssembly.Length + 1)]];
            for (int changes = random.Next(8); changes > 0; changes--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(path, damaged);
            PluginDescription plugin = Assert.Single(Discover([path]).Plugins);
            Assert.All(plugin.Diagnostics, diagnostic => Assert.StartsWith("TFX300", diagnostic.Id, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(2, 0, "TFX3004", "version 2.0 of the contract, this program has 1.0")]
    [InlineData(0, 9, "TFX3004", "version 0.9 of the contract")]
    [InlineData(1, 1, "TFX3005", "newer version 1.1 of the contract, this program has 1.0")]
    public void Another_version_of_the_contract_is_rejected(int major, int minor, string id, string reason) =>
        Rejected(Fixture.Write(folder, "Other", Fixture.Contract(major, minor), Fixture.Offer("t")), id, reason);

    [Fact]
    public void An_assembly_that_names_no_contract_is_rejected() => Rejected(Fixture.Write(folder, "Silent", null, Fixture.Offer("t")), "TFX3003", "which contract");

    [Fact]
    public void An_assembly_that_offers_nothing_is_rejected() => Rejected(Fixture.Write(folder, "Idle", Fixture.Contract(1, 0)), "TFX3006", "offers no transform");

    [Fact]
    public void A_folder_without_a_plugin_is_named()
    {
        folder.CreateSubdirectory("Empty");
        Diagnostic diagnostic = Assert.Single(Discover([folder.FullName]).Diagnostics, found => found.Id == "TFX3007");
        Assert.Equal(Severity.Error, diagnostic.Severity);
        Assert.Contains(folder.FullName, diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_plugin_among_others_is_a_warning()
    {
        folder.CreateSubdirectory("plugins").CreateSubdirectory("Empty");
        Fixture.Write(folder.CreateSubdirectory("plugins"), "Whole", Fixture.Contract(1, 0), Fixture.Offer("t"));
        PluginCatalog catalog = PluginCatalog.Discover([], folder.FullName, userFolder: null);
        Diagnostic diagnostic = Assert.Single(catalog.Diagnostics);
        Assert.Equal(("TFX3008", Severity.Warning), (diagnostic.Id, diagnostic.Severity));
        Assert.NotNull(catalog.Find(null, "t"));
    }

    [Fact]
    public void A_path_without_anything_is_named() =>
        Assert.Contains(Discover([Path.Combine(folder.FullName, "none")]).Diagnostics, diagnostic => diagnostic.Id == "TFX3007");

    [Fact]
    public void Plugins_come_from_the_users_folder_and_from_configured_paths()
    {
        DirectoryInfo user = folder.CreateSubdirectory("user");
        Fixture.Write(user.CreateSubdirectory("plugins"), "Own", Fixture.Contract(1, 0), Fixture.Offer("own"));
        Fixture.Write(folder.CreateSubdirectory("elsewhere"), "Far", Fixture.Contract(1, 0), Fixture.Offer("far"));
        File.WriteAllText(Path.Combine(user.FullName, "transformframework.json"), """{"plugins": ["../elsewhere"]}""");
        PluginCatalog catalog = PluginCatalog.Discover([], folder.CreateSubdirectory("program").FullName, user.FullName);
        Assert.Empty(catalog.Diagnostics);
        Assert.Equal(["far", "own"], catalog.Transforms.Select(transform => transform.Name));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"plugins": "path"}""")]
    [InlineData("""{"plugins": [1]}""")]
    [InlineData("""{"plugins": [null]}""")]
    public void A_malformed_configuration_is_named(string json)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "transformframework.json"), json);
        Diagnostic diagnostic = Assert.Single(PluginCatalog.Discover([], folder.FullName, userFolder: null).Diagnostics);
        Assert.Equal("TFX3009", diagnostic.Id);
        Assert.Contains("""{"plugins": ["path", …]}""", diagnostic.Suggestion, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_plugins_with_one_transform_are_both_refused_the_name_and_picked_by_theirs()
    {
        PluginCatalog catalog = Discover([Fixture.Folder("UsesLibraryOne"), Fixture.Folder("UsesLibraryTwo")]);
        Diagnostic diagnostic = Assert.Single(catalog.Diagnostics, found => found.Message.Contains("library_version", StringComparison.Ordinal));
        Assert.Equal("TFX3021", diagnostic.Id);
        Assert.Contains("'UsesLibraryOne' and 'UsesLibraryTwo'", diagnostic.Message, StringComparison.Ordinal);
        Assert.Null(catalog.Find(null, "library_version"));
        Assert.Equal("UsesLibraryTwo", catalog.Find("UsesLibraryTwo", "library_version")?.PluginName);
    }

    [Fact]
    public void The_programs_own_transform_wins_over_a_plugins_with_a_warning()
    {
        Fixture.Write(folder.CreateSubdirectory("plugins"), "Own", Fixture.Contract(1, 0), Fixture.Offer("rename_op"));
        PluginCatalog catalog = PluginCatalog.Discover([Fixture.Folder("UsesLibraryOne")], folder.FullName, userFolder: null);
        Assert.Equal(("TFX3020", Severity.Warning), Assert.Single(catalog.Diagnostics.Select(found => (found.Id, found.Severity))));
        Assert.Equal("Own", catalog.Find(null, "rename_op")?.PluginName);
        Assert.Equal("UsesLibraryOne", catalog.Find("UsesLibraryOne", "rename_op")?.PluginName);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private PluginCatalog Discover(string[] paths) => PluginCatalog.Discover(paths, folder.FullName, userFolder: null);

    private void Rejected(string path, string id, string reason)
    {
        PluginCatalog catalog = Discover([path]);
        Assert.False(Assert.Single(catalog.Plugins).IsAccepted);
        Diagnostic diagnostic = Assert.Single(catalog.Diagnostics);
        Assert.Equal((id, Severity.Error), (diagnostic.Id, diagnostic.Severity));
        Assert.Contains(path, diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains(reason, diagnostic.Message, StringComparison.Ordinal);
        Assert.Empty(catalog.Transforms);
    }
}
