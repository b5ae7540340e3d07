namespace TransformFramework.EndToEnd.Tests;

/// <summary>What the pages say is so: links lead somewhere, code is the repository's, generated pages are current.</summary>
public sealed class PageTests
{
    public static TheoryData<string> All => [.. Repository.Pages()];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_link_leads_to_a_file(string page) =>
        Assert.All(Pages.Links(page), target => Assert.True(Path.Exists(Repository.PathOf(target)), $"{page}: there is no {target}"));

    [Fact]
    public void Blocks_of_the_guides_are_parts_of_the_repository()
    {
        string[] sources = [.. Repository.Files().Where(file => Path.GetExtension(file) is ".cs" or ".csproj").Select(file => File.ReadAllText(Repository.PathOf(file)))];
        string[] blocks = [.. Pages.Blocks("docs/writing-a-plugin.md", "csharp"), .. Pages.Blocks("docs/writing-a-plugin.md", "xml")];
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Contains(sources, source => source.Contains(block, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_pages_of_the_transforms_are_current()
    {
        ProgramResult result = ProgramRunner.Run("docs", $"--out={Repository.PathOf("docs/transforms")}", "--check_pages");
        Assert.True(result.ExitCode == 0, result.Error);
    }

    [Fact]
    public void A_stale_or_missing_page_of_a_transform_is_found()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, ProgramRunner.Run("docs", $"--out={folder.Path}").ExitCode);
        Assert.Equal(0, ProgramRunner.Run("docs", $"--out={folder.Path}", "--check_pages").ExitCode);
        File.AppendAllText(folder["rename_op.md"], "more");
        File.Delete(folder["sort_by_execution_order.md"]);
        ProgramResult result = ProgramRunner.Run("docs", $"--out={folder.Path}", "--check_pages");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("stale pages: rename_op, sort_by_execution_order", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_of_differences_is_current() => GeneratedPage.Check("docs/differences.md", DifferencesPage.Write());
}
