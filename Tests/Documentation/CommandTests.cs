namespace TransformFramework.Documentation.Tests;

/// <summary>The commands of the pages for new users, in a folder that holds the files of the first example.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pages");

    [SkippableTheory]
    [InlineData("docs/getting-started/script.md", 5)]
    [InlineData("docs/getting-started/device.md", 2)]
    [InlineData("docs/getting-started/pictures.md", 5)]
    public void Every_command_of_a_page_works(string page, int count)
    {
        Skip.If(OperatingSystem.IsWindows(), "the pages' commands are for a Unix shell");
        foreach (string file in Directory.EnumerateFiles(Checkout.PathOf("examples/01-digits")))
            File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
        Directory.CreateDirectory(Path.Combine(folder.FullName, "images"));
        foreach (string file in Directory.EnumerateFiles(Checkout.PathOf("examples/01-digits/images")))
            File.Copy(file, Path.Combine(folder.FullName, "images", Path.GetFileName(file)));
        string[] commands = [.. Checkout.Blocks(page, "").SelectMany(block => block.Split('\n')).Where(line => line.Length > 0)];
        Assert.Equal(count, commands.Length);
        string program = Checkout.Built("Host/Cli", "transform_graph");
        foreach (string command in commands)
        {
            Assert.StartsWith("transform_graph ", command, StringComparison.Ordinal);
            var (exitCode, output) = Checkout.Shell($"{program}{command["transform_graph".Length..]}", folder.FullName);
            Assert.True(exitCode == 0, $"{command}:\n{output}");
        }
    }

    public void Dispose() => folder.Delete(recursive: true);
}
