using System.Text.Json;
using TransformFramework.Engine.PluginLoading;

namespace TransformFramework.Engine.Tests.PluginLoading;

/// <summary>What is kept of the program's own plugins from one start to the next says what their assemblies say, or nothing.</summary>
public sealed class PluginIndexTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("index");
    private readonly string program;
    private readonly string user;

    public PluginIndexTests()
    {
        program = folder.CreateSubdirectory("program").FullName;
        user = folder.CreateSubdirectory("user").FullName;
        foreach (string name in (string[])["Keras", "Onnx", "Quantization"])
        {
            DirectoryInfo plugin = Directory.CreateDirectory(Path.Combine(program, "plugins", name));
            File.Copy(Path.Combine(Fixture.HostFolder, "plugins", name, $"{name}.dll"), Path.Combine(plugin.FullName, $"{name}.dll"));
        }
        Age();
    }

    [Fact]
    public void Plugins_are_described_as_their_assemblies_describe_them()
    {
        PluginCatalog read = Discover();
        Assert.NotNull(new PluginIndex(program, user).Read());
        PluginCatalog indexed = Discover();
        Assert.Equal(JsonSerializer.Serialize(read.Plugins), JsonSerializer.Serialize(indexed.Plugins));
        Assert.Equal(read.Plugins.Select(plugin => (plugin.Build, plugin.Tokens.Count)), indexed.Plugins.Select(plugin => (plugin.Build, plugin.Tokens.Count)));
        Assert.Contains(indexed.Formats, format => format.Name == "onnx" && format.Options.Length > 0);
        Assert.NotNull(indexed.Create(indexed.Find(null, "quantize_weights")!));
    }

    [Fact]
    public void Nothing_is_kept_of_files_that_may_change_within_the_same_moment()
    {
        File.SetLastWriteTimeUtc(Assembly("Onnx"), DateTime.UtcNow);
        Discover();
        Assert.Null(new PluginIndex(program, user).Read());
    }

    [Fact]
    public void Nothing_is_kept_for_a_home_that_does_not_exist()
    {
        string home = Path.Combine(folder.FullName, "none");
        PluginCatalog.Discover([], program, Path.Combine(home, "user"));
        Assert.False(Directory.Exists(home));
    }

    [Fact]
    public void A_changed_file_counts_as_it_is() => Outdated(() => File.SetLastWriteTimeUtc(Assembly("Onnx"), DateTime.UtcNow - TimeSpan.FromMinutes(1)));

    [Fact]
    public void A_longer_file_counts_as_it_is() => Outdated(() =>
    {
        DateTime time = File.GetLastWriteTimeUtc(Assembly("Onnx"));
        using (FileStream stream = new(Assembly("Onnx"), FileMode.Append))
            stream.WriteByte(0);
        File.SetLastWriteTimeUtc(Assembly("Onnx"), time);
    });

    [Fact]
    public void A_removed_plugin_is_gone() => Outdated(() => Directory.Delete(Path.GetDirectoryName(Assembly("Onnx"))!, recursive: true));

    [Fact]
    public void A_new_plugin_is_found()
    {
        Outdated(() => Directory.Move(Directory.CreateDirectory(Path.Combine(folder.FullName, "New")).FullName, Path.Combine(program, "plugins", "New")));
        Assert.NotEmpty(Discover().Diagnostics);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(-1)]
    public void A_damaged_index_counts_as_none(int at) => Outdated(() =>
    {
        byte[] content = File.ReadAllBytes(Kept());
        content[at < 0 ? content.Length + at : at] ^= 1;
        File.WriteAllBytes(Kept(), content);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void A_cut_index_counts_as_none(int length) => Outdated(() => File.WriteAllBytes(Kept(), File.ReadAllBytes(Kept())[..length]));

    public void Dispose() => folder.Delete(recursive: true);

    private void Outdated(Action change)
    {
        Discover();
        Assert.NotNull(new PluginIndex(program, user).Read());
        change();
        Assert.Null(new PluginIndex(program, user).Read());
    }

    private PluginCatalog Discover() => PluginCatalog.Discover([], program, user);

    private string Kept() => Assert.Single(Directory.GetFiles(Path.Combine(user, "cache")));

    private string Assembly(string name) => Path.Combine(program, "plugins", name, $"{name}.dll");

    private void Age()
    {
        DateTime past = DateTime.UtcNow - TimeSpan.FromHours(1);
        foreach (string plugin in Directory.GetFiles(program, "*.dll", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(plugin, past);
        Directory.SetLastWriteTimeUtc(Path.Combine(program, "plugins"), past);
    }
}
