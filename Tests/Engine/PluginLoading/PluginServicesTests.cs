using System.Text.Json;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Tests.PluginLoading;

/// <summary>What the constructor of a plugin's class may ask for.</summary>
public sealed class PluginServicesTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plugin-services");

    [Fact]
    public void A_class_gets_the_log_the_files_and_its_own_settings()
    {
        string from = Path.Combine(folder.FullName, "from"), to = Path.Combine(folder.FullName, "to");
        File.WriteAllText(from, "content");
        string settings = JsonSerializer.Serialize(new { settings = new { faulty = new { limit = 2.5, from, to }, other = new { limit = 1 } } });
        File.WriteAllText(Path.Combine(folder.FullName, "transformframework.json"), settings);
        PluginCatalog catalog = PluginCatalog.Discover([Fixture.Folder("Faulty")], folder.FullName, userFolder: null);
        var reported = new List<Diagnostic>();
        catalog.Report = reported.Add;
        catalog.Create(catalog.Find(null, "asks_for_services")!).Apply(Graph.Empty, new NoOptions(), new TransformContext());
        Assert.Equal("limit is 2.5 of 3", Assert.Single(reported).Message);
        Assert.Equal("content", File.ReadAllText(to));
    }

    [Fact]
    public void The_programs_settings_go_before_the_users()
    {
        DirectoryInfo program = folder.CreateSubdirectory("program"), user = folder.CreateSubdirectory("user");
        string empty = Path.Combine(folder.FullName, "empty");
        File.WriteAllText(empty, "");
        File.WriteAllText(Path.Combine(program.FullName, "transformframework.json"), """{"settings": {"Faulty": {"limit": 1}}}""");
        File.WriteAllText(Path.Combine(user.FullName, "transformframework.json"), JsonSerializer.Serialize(new { settings = new { Faulty = new { limit = 2, from = empty, to = empty + "2" } } }));
        PluginCatalog catalog = PluginCatalog.Discover([Fixture.Folder("Faulty")], program.FullName, user.FullName);
        var reported = new List<Diagnostic>();
        catalog.Report = reported.Add;
        catalog.Create(catalog.Find(null, "asks_for_services")!).Apply(Graph.Empty, new NoOptions(), new TransformContext());
        Assert.Equal("limit is 1 of 3", Assert.Single(reported).Message);
    }

    [Theory]
    [InlineData("""{"settings": {"Faulty": {"limit": [1]}}}""")]
    [InlineData("""{"settings": {"Faulty": 1}}""")]
    [InlineData("""{"settings": []}""")]
    public void Settings_of_another_kind_are_named(string json)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "transformframework.json"), json);
        Assert.Equal("TFX3009", Assert.Single(PluginCatalog.Discover([], folder.FullName, userFolder: null).Diagnostics).Id);
    }

    public void Dispose() => folder.Delete(recursive: true);
}
