namespace TransformFramework.Diagnostics.Tests;

/// <summary>Pages of docs/diagnostics, made from the descriptors. UPDATE_PAGES=1 writes them again.</summary>
public sealed class DiagnosticPagesTests
{
    private static string Folder => Path.Combine(DescribedAssemblies.Root, "docs", "diagnostics");

    public static TheoryData<string> Ids => [.. DescribedAssemblies.Descriptors.Select(descriptor => descriptor.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void The_page_is_that_of_the_descriptor(string id)
    {
        string page = Page(DescribedAssemblies.Descriptors.First(descriptor => descriptor.Id == id));
        string file = Path.Combine(Folder, id + ".md");
        if (Environment.GetEnvironmentVariable("UPDATE_PAGES") is "1")
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllText(file, page);
        }
        Assert.True(File.Exists(file), $"docs/diagnostics/{id}.md is missing; UPDATE_PAGES=1 dotnet test Tests/Diagnostics writes it");
        Assert.Equal(page, File.ReadAllText(file).ReplaceLineEndings("\n"));
    }

    private static string Page(DiagnosticDescriptor descriptor) => $"""
        # {descriptor.Id}: {descriptor.Title}

        {descriptor.Severity}: `{descriptor.Text}`

        ## Cause

        {descriptor.Cause}

        ## What to do

        {descriptor.Remedy}

        ## Example

        ```
        {descriptor.Example}
        ```

        """.ReplaceLineEndings("\n");
}
