using TransformFramework.Diagnostics;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Engine.Tests.PluginLoading;

/// <summary>Ops that plugins declare, as the process knows them afterwards.</summary>
public sealed class PluginOpsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("plugin-ops");

    [Fact]
    public void A_declared_op_is_in_the_op_table_with_its_defaults()
    {
        Assert.Null(OpTable.Find("PluginOpsTwice"));
        PluginCatalog catalog = Discover(Plugin("Twice", "PluginOpsTwice(x: T) -> (y: T) {T: type {half, float} = float; factor: float = 2}"));
        Assert.Empty(catalog.Diagnostics);
        Assert.Equal("factor", OpTable.Find("PluginOpsTwice")?.Attributes[1].Name);
        Assert.Null(OpTable.Find("PluginOpsTwice", OpRelease.Tf115));
        Assert.Equal(2, OpDefaults.Complete(new Node("n", "PluginOpsTwice")).Float("factor"));
    }

    [Theory]
    [InlineData("", "expected a word at column 1")]
    [InlineData("PluginOpsBroken", "expected '(' at column 16")]
    [InlineData("PluginOpsBroken(x: float)", "expected ' -> '")]
    [InlineData("PluginOpsBroken(x: float) -> (y: float) {s: string = \"open", "expected a closing quote")]
    [InlineData("PluginOpsBroken(x: float) -> (y: float) {n: int = }", "''")]
    [InlineData("PluginOpsBroken(x: float) -> (y: float) {n: number = 1}", "expected a value of kind 'number'")]
    [InlineData("PluginOpsBroken(x: float) -> (y: float) statefull", "found 'statefull'")]
    public void A_declaration_that_is_not_understood_is_named_and_ignored(string declaration, string reason)
    {
        Diagnostic diagnostic = Assert.Single(Discover(Plugin("Broken", declaration)).Diagnostics);
        Assert.Equal(("TFX3023", Severity.Warning), (diagnostic.Id, diagnostic.Severity));
        Assert.Contains("'Broken'", diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains(reason, diagnostic.Message, StringComparison.Ordinal);
        Assert.Null(OpTable.Find("PluginOpsBroken"));
    }

    [Fact]
    public void An_op_of_TensorFlow_keeps_its_own_declaration()
    {
        Assert.Equal("TFX3024", Assert.Single(Discover(Plugin("Taken", "Relu6(x: float) -> (y: float)")).Diagnostics).Id);
        Assert.Equal("features", OpTable.Find("Relu6")?.Inputs[0].Name);
    }

    [Fact]
    public void Of_two_declarations_of_one_op_the_first_counts()
    {
        PluginCatalog catalog = Discover(Plugin("First", "PluginOpsShared(x: float) -> (y: float)"), Plugin("Second", "PluginOpsShared(x: int32) -> (y: int32)"));
        Diagnostic diagnostic = Assert.Single(catalog.Diagnostics, found => found.Id == "TFX3025");
        Assert.Contains("'Second'", diagnostic.Message, StringComparison.Ordinal);
        Assert.Equal(DataType.Float, OpTable.Find("PluginOpsShared")?.Inputs[0].Type);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private string Plugin(string name, string declaration) => Fixture.Write(folder, name, Fixture.Contract(1, 0), Fixture.Op(declaration), Fixture.Kernel($"PluginOps{name}Kernel"));

    private PluginCatalog Discover(params string[] paths) => PluginCatalog.Discover(paths, folder.FullName, userFolder: null);
}
