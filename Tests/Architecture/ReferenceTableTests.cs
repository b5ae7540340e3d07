namespace TransformFramework.Architecture.Tests;

/// <summary>Which project may see which.</summary>
public sealed class ReferenceTableTests
{
    private const string Abstractions = "TransformFramework.Abstractions";
    private const string Toolkit = "TransformFramework.Toolkit";

    public static TheoryData<string> Plugins => [.. Repository.PluginNames];

    [Fact]
    public void Abstractions_references_nothing_but_the_framework() => Assert.Empty(Repository.Abstractions.ForeignReferences);

    [Fact]
    public void Dsl_references_Abstractions_and_its_parser() => Assert.Empty(Repository.Dsl.ForeignReferences.Except([Abstractions, "Sprache"]));

    [Fact]
    public void Toolkit_references_Abstractions() => Assert.Empty(Repository.Toolkit.ForeignReferences.Except([Abstractions]));

    [Fact]
    public void Host_references_no_plugin() => Assert.Empty(Repository.Host.References.Intersect(Repository.PluginNames));

    [Theory]
    [MemberData(nameof(Plugins))]
    public void A_plugin_references_Abstractions_Toolkit_and_private_packages(string plugin)
    {
        string[] forbidden = ["TransformFramework.Dsl", "transform_graph", "Google.Protobuf", .. Repository.PluginNames];
        AssemblyFile assembly = Repository.Plugin(plugin);
        Assert.Empty(assembly.References.Intersect(forbidden));
        Assert.Empty(assembly.References.Where(name => name.StartsWith("TransformFramework.", StringComparison.Ordinal)).Except([Abstractions, Toolkit]));
    }

    [Theory]
    [MemberData(nameof(Plugins))]
    public void A_plugin_says_which_contract_it_was_written_for(string plugin) =>
        Assert.Contains("TransformFramework.Transforms.TransformApiAttribute", Repository.Plugin(plugin).Attributes);
}
