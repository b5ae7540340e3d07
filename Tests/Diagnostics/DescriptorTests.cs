using System.Text.RegularExpressions;

namespace TransformFramework.Diagnostics.Tests;

public sealed partial class DescriptorTests
{
    /// <summary>Files in which ids are declared: one class a subject.</summary>
    private static readonly string[] Declaring = ["Diagnostics.cs", "ErrorIds.cs"];

    [Fact]
    public void Each_id_is_described_once()
    {
        var ids = DescribedAssemblies.Descriptors.Select(descriptor => descriptor.Id).ToArray();
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Distinct(StringComparer.Ordinal), ids);
    }

    [Fact]
    public void Each_descriptor_says_why_and_what_to_do() => Assert.All(DescribedAssemblies.Descriptors, descriptor =>
    {
        Assert.Matches("^TFX[0-9]{4}$", descriptor.Id);
        Assert.NotEmpty(descriptor.Title);
        Assert.EndsWith(".", descriptor.Cause, StringComparison.Ordinal);
        Assert.EndsWith(".", descriptor.Remedy, StringComparison.Ordinal);
        Assert.NotEmpty(descriptor.Example);
    });

    [Theory]
    [InlineData("Dsl")]
    [InlineData("Plugins/Structure")]
    [InlineData("Plugins/Folding")]
    public void No_id_is_a_literal_outside_the_classes_that_declare_ids(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(DescribedAssemblies.Root, folder), "*.cs", SearchOption.AllDirectories).Where(IsSource)];
        Assert.NotEmpty(files);
        Assert.DoesNotContain(files.Where(file => !Declaring.Any(ending => file.EndsWith(ending, StringComparison.Ordinal))), file => Id().IsMatch(File.ReadAllText(file)));
    }

    private static bool IsSource(string file) => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal);

    [GeneratedRegex("\"TFX[0-9]{4}\"")]
    private static partial Regex Id();
}
