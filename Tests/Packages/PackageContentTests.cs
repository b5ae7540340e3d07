using System.Text.Json;
using System.Xml.Linq;

namespace TransformFramework.Packages.Tests;

/// <summary>What each package holds, and what none does.</summary>
[Collection(nameof(PackedPackages))]
public sealed class PackageContentTests(PackedPackages packages)
{
    private static readonly string[] Libraries = ["Abstractions", "Dsl", "Toolkit", "Engine", "Workflows", "Extensions", "Runtime", "ML", "Testing"];

    private static IEnumerable<string> Names => Libraries.Concat(["MSBuild", "Tool", "Templates"]).Select(name => $"TransformFramework.{name}");

    public static TheoryData<string> Packages => [.. Names];

    public static TheoryData<string> LibraryPackages => [.. Libraries.Select(name => $"TransformFramework.{name}")];

    public static TheoryData<string> Plugins => ["Cpu", "Folding", "Keras", "Onnx", "Quantization", "SavedModel", "Structure", "TfJs", "TfLite"];

    [Fact]
    public void Every_package_is_in_the_table() =>
        Assert.Equal(Names.Select(name => $"{name}.1.0.0").Order(StringComparer.Ordinal), Directory.GetFiles(packages.Feed, "*.nupkg").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_has_its_papers(string package)
    {
        Assert.Superset(new HashSet<string> { "README.md", "icon.png", "LICENSE", "NOTICE", "THIRD-PARTY-NOTICES.txt", $"sbom/{package}.cdx.json" }, packages.Files(package).ToHashSet());
        Assert.StartsWith($"# {package}\n", packages.Text(package, "README.md"), StringComparison.Ordinal);
        XElement metadata = Metadata(package);
        Assert.Equal("Apache-2.0", Value(metadata, "license"));
        Assert.Equal("README.md", Value(metadata, "readme"));
        Assert.Equal("icon.png", Value(metadata, "icon"));
        Assert.True(Value(metadata, "description").Length > 40);
    }

    [Theory]
    [MemberData(nameof(LibraryPackages))]
    public void A_library_has_documentation_and_symbols(string package)
    {
        Assert.Superset(new HashSet<string> { $"lib/net10.0/{package}.dll", $"lib/net10.0/{package}.xml" }, packages.Files(package).ToHashSet());
        Assert.Contains($"lib/net10.0/{package}.pdb", packages.Files(package, ".snupkg"));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Nothing_is_native_and_no_image_but_the_icon_is_packed(string package) => Assert.Equal([], packages.Files(package).Where(file =>
        file.EndsWith(".so", StringComparison.Ordinal) || file.EndsWith(".dylib", StringComparison.Ordinal) || file.EndsWith(".exe", StringComparison.Ordinal) || file.Contains("/native/", StringComparison.Ordinal)
        || file.Contains("digit", StringComparison.OrdinalIgnoreCase) || (file.EndsWith(".png", StringComparison.Ordinal) && file != "icon.png") || file.EndsWith(".npz", StringComparison.Ordinal) || file.EndsWith(".pb", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Plugins))]
    public void Engine_and_tool_bring_the_plugins(string plugin)
    {
        Assert.Contains($"plugins/{plugin}/{plugin}.dll", packages.Files("TransformFramework.Engine"));
        Assert.Contains($"plugins/{plugin}/{plugin}.xml", packages.Files("TransformFramework.Engine"));
        Assert.Contains($"tools/net10.0/any/plugins/{plugin}/{plugin}.dll", packages.Files("TransformFramework.Tool"));
    }

    [Fact]
    public void Engine_gives_the_plugins_to_whoever_references_it_at_second_hand() =>
        Assert.Contains("buildTransitive/TransformFramework.Engine.targets", packages.Files("TransformFramework.Engine"));

    [Fact]
    public void Runtime_holds_the_backend_and_needs_no_engine()
    {
        Assert.Contains("lib/net10.0/Cpu.dll", packages.Files("TransformFramework.Runtime"));
        Assert.Equal(["BitMiracle.LibJpeg.NET", "TransformFramework.Toolkit"], Dependencies("TransformFramework.Runtime"));
    }

    [Fact]
    public void MSBuild_brings_the_item_its_task_and_the_program()
    {
        Assert.Superset(
            new HashSet<string> { "build/TransformFramework.MSBuild.props", "build/TransformFramework.MSBuild.targets", "tasks/TransformFramework.MSBuild.dll", "tools/transform_graph.dll", "tools/transform_graph.runtimeconfig.json", "tools/plugins/Cpu/Cpu.dll" },
            packages.Files("TransformFramework.MSBuild").ToHashSet());
        Assert.Empty(Dependencies("TransformFramework.MSBuild"));
        Assert.DoesNotContain(packages.Files("TransformFramework.MSBuild"), file => file.StartsWith("lib/", StringComparison.Ordinal));
    }

    [Fact]
    public void The_template_is_whole() => Assert.Superset(
        new HashSet<string> { "content/tf-plugin/.template.config/template.json", "content/tf-plugin/MyPlugin.slnx", "content/tf-plugin/MyPlugin/MyPlugin.csproj", "content/tf-plugin/MyPlugin.Tests/MyPlugin.Tests.csproj" },
        packages.Files("TransformFramework.Templates").ToHashSet());

    [Theory]
    [MemberData(nameof(Packages))]
    public void An_SBOM_names_what_the_package_needs(string package)
    {
        using JsonDocument sbom = JsonDocument.Parse(packages.Text(package, $"sbom/{package}.cdx.json"));
        Assert.Equal("CycloneDX", sbom.RootElement.GetProperty("bomFormat").GetString());
        Assert.Equal(package, sbom.RootElement.GetProperty("metadata").GetProperty("component").GetProperty("name").GetString());
        string[] components = [.. sbom.RootElement.GetProperty("components").EnumerateArray().Select(component => component.GetProperty("name").GetString()!)];
        Assert.Equal(components.Distinct(), components);
        Assert.Equal([], Dependencies(package).Where(name => !name.StartsWith("TransformFramework.", StringComparison.Ordinal)).Except(components));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_notices_name_what_the_SBOM_lists(string package)
    {
        string notices = packages.Text(package, "THIRD-PARTY-NOTICES.txt");
        using JsonDocument sbom = JsonDocument.Parse(packages.Text(package, $"sbom/{package}.cdx.json"));
        Assert.Equal([], sbom.RootElement.GetProperty("components").EnumerateArray().Select(component => component.GetProperty("name").GetString()!)
            .Where(name => !name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && !notices.Contains(name, StringComparison.Ordinal)));
    }

    private IEnumerable<string> Dependencies(string package) =>
        Metadata(package).Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => (string)element.Attribute("id")!).Order(StringComparer.Ordinal);

    private XElement Metadata(string package) => XDocument.Parse(packages.Text(package, $"{package}.nuspec")).Root!.Elements().First();

    private static string Value(XElement metadata, string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
}
