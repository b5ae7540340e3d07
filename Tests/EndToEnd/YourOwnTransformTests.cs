namespace TransformFramework.EndToEnd.Tests;

/// <summary>Exactly the commands of the second example: a plugin of a third party, from its sources to its use.</summary>
[Collection(nameof(Checkout))]
public sealed class YourOwnTransformTests(Checkout checkout)
{
    [SkippableFact]
    public void A_transform_and_a_kernel_are_built_apart_and_used_without_building_the_program_again()
    {
        Skip.If(OperatingSystem.IsWindows(), "the pages' commands are for a Unix shell");
        Assert.DoesNotContain("Clipping", File.ReadAllText(Repository.PathOf("TransformFramework.sln")), StringComparison.Ordinal);
        string[] commands = [.. Pages.Commands("examples/02-your-own-transform/README.md")];
        ProgramResult[] results = new ProgramResult[commands.Length];
        DateTime published = default;
        for (int i = 0; i < commands.Length; i++)
        {
            results[i] = checkout.Run(commands[i]);
            Assert.True(results[i].ExitCode == 0, $"{commands[i]}:\n{results[i].Output}{results[i].Error}");
            if (i == 0)
                published = File.GetLastWriteTimeUtc(checkout["artifacts/program/transform_graph.dll"]);
        }
        Assert.Contains("| `limit` | float | required |", results[2].Output, StringComparison.Ordinal);
        Assert.Contains("8 activations clipped", results[3].Output, StringComparison.Ordinal);
        string best = results[4].Output.Split('\n')[1];
        Assert.EndsWith(" 7  7", best, StringComparison.Ordinal);
        Assert.Equal(published, File.GetLastWriteTimeUtc(checkout["artifacts/program/transform_graph.dll"]));
        ProgramResult alone = checkout.Run("artifacts/program/transform_graph run --in_graph=artifacts/digits_clipped.pb --feed=Placeholder=random:1");
        Assert.Equal(1, alone.ExitCode);
        Assert.Contains("'ClippedRelu'", alone.Error, StringComparison.Ordinal);
    }
}
