using TransformFramework.Engine.PluginLoading;

namespace TransformFramework.Engine.Tests.PluginLoading;

/// <summary>Plugins that are locked, and what happens when they change.</summary>
public sealed class PluginLockTests : IDisposable
{
    private readonly DirectoryInfo user = Directory.CreateTempSubdirectory("user");
    private readonly string plugin;

    public PluginLockTests()
    {
        plugin = Path.Combine(user.CreateSubdirectory("plugins/Clipping").FullName, "Clipping.dll");
        File.Copy(Path.Combine(Fixture.Folder("Clipping"), "Clipping.dll"), plugin);
    }

    [Fact]
    public void An_unchanged_plugin_is_accepted()
    {
        string file = PluginLock.Of(Discover().Plugins).Write(user.FullName);
        Assert.True(Assert.Single(Discover().Plugins).IsAccepted);
        LockedPlugin locked = Assert.Single(PluginLock.Read(user.FullName).Plugins);
        Assert.Equal(("Clipping", plugin, plugin, 64), (locked.Name, locked.Path, locked.Source, locked.Files["Clipping.dll"].Length));
        Assert.True(File.Exists(file));
    }

    [Theory]
    [InlineData("Clipping.dll", "'Clipping.dll' has SHA-256")]
    [InlineData("Added.dll", "'Added.dll' is new")]
    public void A_changed_plugin_is_rejected_by_the_name_of_its_file(string file, string reason)
    {
        PluginLock.Of(Discover().Plugins).Write(user.FullName);
        File.AppendAllText(Path.Combine(Path.GetDirectoryName(plugin)!, file), " ");
        PluginDescription changed = Assert.Single(Discover().Plugins);
        Assert.False(changed.IsAccepted);
        Assert.Equal("TFX3032", Assert.Single(changed.Diagnostics).Id);
        Assert.Contains(reason, changed.Diagnostics[0].Message, StringComparison.Ordinal);
        Assert.Contains("plugins lock", changed.Diagnostics[0].Suggestion, StringComparison.Ordinal);
        PluginLock.Of(Discover().Plugins).Write(user.FullName);
        Assert.True(Assert.Single(Discover().Plugins).IsAccepted);
    }

    [Fact]
    public void A_locked_plugin_whose_library_is_gone_is_rejected()
    {
        string library = Path.Combine(Path.GetDirectoryName(plugin)!, "Library.dll");
        File.WriteAllText(library, "");
        PluginLock.Of(Discover().Plugins).Write(user.FullName);
        File.Delete(library);
        Assert.Contains("'Library.dll' is missing", Assert.Single(Discover().Plugins).Diagnostics[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"schema_version\": 2, \"plugins\": []}")]
    [InlineData("{\"schema_version\": 1, \"plugins\": [null]}")]
    public void No_plugin_is_accepted_by_a_lock_that_cannot_be_read(string content)
    {
        File.WriteAllText(Path.Combine(user.FullName, PluginLock.FileName), content);
        Assert.Equal("TFX3035", Assert.Single(Assert.Single(Discover().Plugins).Diagnostics).Id);
    }

    public void Dispose() => user.Delete(recursive: true);

    private PluginCatalog Discover() => PluginCatalog.Discover([], Path.Combine(user.FullName, "program"), user.FullName);
}
