namespace TransformFramework.Architecture.Tests;

/// <summary>Which project may see which.</summary>
public sealed class ReferenceTableTests
{
    private const string Abstractions = "TransformFramework.Abstractions";
    private const string Dsl = "TransformFramework.Dsl";
    private const string Engine = "TransformFramework.Engine";
    private const string Toolkit = "TransformFramework.Toolkit";

    public static TheoryData<string> Plugins => [.. Repository.PluginNames];

    [Fact]
    public void Abstractions_references_nothing_but_the_framework() => Assert.Empty(Repository.Abstractions.ForeignReferences);

    [Fact]
    public void Dsl_references_Abstractions_and_its_parser() => Assert.Empty(Repository.Dsl.ForeignReferences.Except([Abstractions, "Sprache"]));

    [Fact]
    public void Toolkit_references_Abstractions() => Assert.Empty(Repository.Toolkit.ForeignReferences.Except([Abstractions]));

    [Fact]
    public void Engine_references_the_projects_and_packages_of_the_table_and_no_plugin() =>
        Assert.Empty(Repository.Engine.ForeignReferences.Except([Abstractions, Dsl, Toolkit, .. TablePackages("Host/Engine")]));

    [Fact]
    public void Workflows_references_the_projects_and_packages_of_the_table_and_no_plugin() =>
        Assert.Empty(Repository.Workflows.ForeignReferences.Except([Abstractions, Dsl, Toolkit, Engine, .. TablePackages("Host/Workflows")]));

    [Fact]
    public void Cli_references_the_projects_and_packages_of_the_table_and_no_plugin() =>
        Assert.Empty(Repository.Cli.ForeignReferences.Except([Abstractions, Dsl, Toolkit, Engine, "TransformFramework.Workflows", "TransformFramework.Servers", .. TablePackages("Host/Cli")]));

    [Theory]
    [InlineData("Host/Extensions", "Extensions")]
    [InlineData("Host/Runtime", "Runtime")]
    [InlineData("Host/MachineLearning", "ML")]
    [InlineData("Tests/Testing", "Testing")]
    public void A_library_for_programs_references_the_projects_and_packages_of_its_row(string folder, string library) =>
        Assert.Empty(Repository.Library(folder, library).ForeignReferences.Except([.. TablePackages(folder).SelectMany(name => new[] { name, $"TransformFramework.{name}" })]));

    [Theory]
    [MemberData(nameof(Plugins))]
    public void A_plugin_references_Abstractions_Toolkit_and_its_packages_of_the_table(string plugin) =>
        Assert.Empty(Repository.Plugin(plugin).ForeignReferences.Except([Abstractions, Toolkit, .. TablePackages($"Plugins/{plugin}")]));

    [Theory]
    [MemberData(nameof(Plugins))]
    public void A_plugin_says_which_contract_it_was_written_for(string plugin) =>
        Assert.Contains("TransformFramework.Transforms.TransformApiAttribute", Repository.Plugin(plugin).Attributes);

    /// <summary>The last column of a room's row in docs/architecture.md.</summary>
    private static IEnumerable<string> TablePackages(string room) =>
        Repository.Table("may reference").Single(row => row[0].Split('`')[0] == room)[^1].Split(',', StringSplitOptions.TrimEntries)
            .SelectMany(package => new[] { package, $"{package}.Abstractions" });
}
