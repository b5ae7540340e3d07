using Xunit.Abstractions;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>The commands of the pages for users, in the order in which the pages give them, in a fresh checkout.</summary>
[Collection(nameof(Checkout))]
public sealed class ReadmeTests(Checkout checkout, ITestOutputHelper log)
{
    [SkippableTheory]
    [InlineData("README.md")]
    [InlineData("examples/01-digits/README.md")]
    [InlineData("examples/03-resnet50-int8/README.md")]
    [InlineData("examples/04-quantize/README.md")]
    [InlineData("examples/05-savedmodel/README.md")]
    public void Every_command_of_a_page_works(string page)
    {
        Skip.If(OperatingSystem.IsWindows(), "the pages' commands are for a Unix shell");
        string[] commands = [.. Pages.Commands(page).Where(command => command != "dotnet test")];
        Assert.NotEmpty(commands);
        foreach (string command in commands)
        {
            ProgramResult result = checkout.Run(command);
            log.WriteLine($"$ {command}\n{result.Output}{result.Error}");
            Assert.True(result.ExitCode == 0, $"{command} ended with {result.ExitCode}:\n{result.Output}{result.Error}");
        }
    }
}
