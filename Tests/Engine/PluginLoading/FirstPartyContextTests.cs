using System.Reflection;
using System.Runtime.Loader;
using TransformFramework.Engine.PluginLoading;

namespace TransformFramework.Engine.Tests.PluginLoading;

/// <summary>How plugins that came with the program are loaded, and what is said where their files are of another build.</summary>
public sealed class FirstPartyContextTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("first-party");

    [Fact]
    public void What_the_program_has_of_the_same_build_is_shared()
    {
        Assembly plugin = Load(Path.Combine(Fixture.HostFolder, "plugins", "Structure", "Structure.dll"));
        Assert.NotEmpty(plugin.GetTypes());
        Assert.Equal(["Structure"], Own(plugin));
    }

    [Fact]
    public void A_library_that_the_program_does_not_have_is_the_plugins_own()
    {
        Assembly plugin = Load(Path.Combine(Fixture.Folder("UsesLibraryOne"), "UsesLibraryOne.dll"));
        foreach (AssemblyName reference in plugin.GetReferencedAssemblies().Where(reference => reference.Name == "PrivateLibrary"))
            AssemblyLoadContext.GetLoadContext(plugin)!.LoadFromAssemblyName(reference);
        Assert.Equal(["PrivateLibrary", "UsesLibraryOne"], Own(plugin));
    }

    [Fact]
    public void A_plugin_with_files_of_a_platform_is_left_to_the_other_loader()
    {
        Assert.True(FirstPartyContext.CanLoad(Path.Combine(folder.FullName, "Mine.dll")));
        folder.CreateSubdirectory("runtimes");
        Assert.False(FirstPartyContext.CanLoad(Path.Combine(folder.FullName, "Mine.dll")));
    }

    [Theory]
    [InlineData(true, "TFX3036", "Remove the program's folder")]
    [InlineData(false, "TFX3013", "Build it against this program's")]
    public void A_member_that_is_missing_is_laid_to_the_program_or_to_the_plugins_author(bool isFirstParty, string id, string suggestion)
    {
        var plugin = new PluginIdentity("Mine", "1.0.0.0", "Mine.dll") { IsFirstParty = isFirstParty };
        PluginException fault = PluginFault.Of(plugin, EngineDiagnostics.ConstructorThrew, "creating it", new TargetInvocationException(new MissingMethodException("Graph", "Nodes")));
        Assert.Equal(id, fault.DiagnosticId);
        Assert.Contains(suggestion, fault.Suggestion, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static Assembly Load(string path) => new FirstPartyContext(path, new HashSet<string>(StringComparer.Ordinal)).LoadPlugin();

    private static IEnumerable<string?> Own(Assembly plugin) => AssemblyLoadContext.GetLoadContext(plugin)!.Assemblies.Select(assembly => assembly.GetName().Name).Order(StringComparer.Ordinal);
}
