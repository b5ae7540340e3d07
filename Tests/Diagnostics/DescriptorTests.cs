using System.Text.RegularExpressions;

namespace TransformFramework.Diagnostics.Tests;

public sealed partial class DescriptorTests
{
    [Fact]
    public void Each_id_is_described_once()
    {
        string[] ids = [.. DescribedAssemblies.Descriptors.Select(descriptor => descriptor.Id)];
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Distinct(StringComparer.Ordinal), ids);
    }

    [Fact]
    public void Each_title_is_of_one_id()
    {
        string[] titles = [.. DescribedAssemblies.Descriptors.Select(descriptor => descriptor.Title)];
        Assert.Equal(titles.Distinct(StringComparer.Ordinal), titles);
    }

    [Fact]
    public void An_assembly_has_one_class_of_them() => Assert.All(DescribedAssemblies.All, assembly =>
        Assert.EndsWith("Diagnostics", Assert.Single(assembly.Descriptors.Select(entry => entry.Class).Distinct()).Name, StringComparison.Ordinal));

    [Fact]
    public void Each_descriptor_says_why_and_what_to_do() => Assert.All(DescribedAssemblies.Descriptors, descriptor =>
    {
        Assert.Matches("^TFX[0-9]{4}$", descriptor.Id);
        Assert.NotEmpty(descriptor.Title);
        Assert.NotEmpty(descriptor.Text);
        Assert.EndsWith(".", descriptor.Cause, StringComparison.Ordinal);
        Assert.EndsWith(".", descriptor.Remedy, StringComparison.Ordinal);
        Assert.NotEmpty(descriptor.Example + descriptor.ExampleCommands);
    });

    [Fact]
    public void Ids_are_written_where_they_are_described_only() => Assert.Equal([],
        from file in Sources(DescribedAssemblies.Roots)
        where !IsDescribing(file)
        from Match literal in Literal().Matches(File.ReadAllText(file))
        select $"{Path.GetRelativePath(DescribedAssemblies.Root, file)}: {literal.Value}");

    /// <summary>What others write has a prefix of its own; so have the examples for them.</summary>
    [Fact]
    public void Third_parties_use_no_id_of_this_project() => Assert.DoesNotContain(Sources(["examples"]), file => Literal().IsMatch(File.ReadAllText(file)));

    [Fact]
    public void Every_source_that_describes_is_of_an_assembly_listed_here() => Assert.Equal([],
        from file in Sources(DescribedAssemblies.Roots)
        where IsDescribing(file) && File.ReadAllText(file).Contains(" static readonly DiagnosticDescriptor ", StringComparison.Ordinal)
        let name = Path.GetRelativePath(DescribedAssemblies.Root, file).Replace('\\', '/')
        where !DescribedAssemblies.All.Any(assembly => name.StartsWith(assembly.Folder + "/", StringComparison.Ordinal))
        select name);

    private static bool IsDescribing(string file) => Path.GetFileName(file).Split('.')[0].EndsWith("Diagnostics", StringComparison.Ordinal);

    private static IEnumerable<string> Sources(string[] roots) => roots
        .SelectMany(root => Directory.EnumerateFiles(Path.Combine(DescribedAssemblies.Root, root), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));

    [GeneratedRegex("""(?<!///[^\n]*)"[^"\n]*TFX[0-9]{4}""")]
    private static partial Regex Literal();
}
