namespace TransformFramework.EndToEnd.Tests;

/// <summary>The options that choose the arithmetic of float products.</summary>
public sealed class ArithmeticTests
{
    private static readonly string[] Compare = ["compare", Repository.Digits, Repository.Digits, "--feed=Placeholder=random:1?shape=1x32x32x1", "--outputs=DigitsNet/Predictions/Reshape_1"];

    [Fact]
    public void Comparing_a_graph_with_itself_says_what_rounding_costs()
    {
        ProgramResult rounded = ProgramRunner.Run([.. Compare, "--precision=bf16", "--tolerance=0.05"]);
        Assert.Equal((0, ""), (rounded.ExitCode, rounded.Error));
        Assert.Matches("max abs .*, SQNR [2-9][0-9]", rounded.Output);
        Assert.Contains("Reshape_1: equal", ProgramRunner.Run(Compare).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--convolution=direct")]
    [InlineData("--precision=single")]
    public void Other_choices_agree(string choice)
    {
        ProgramResult result = ProgramRunner.Run([.. Compare, choice, "--tolerance=0.000002"]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("--precision=half", "single or bf16")]
    [InlineData("--convolution=fast", "auto or direct")]
    public void An_unknown_choice_is_refused(string choice, string known)
    {
        ProgramResult result = ProgramRunner.Run([.. Compare, choice]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(known, result.Error, StringComparison.Ordinal);
    }
}
