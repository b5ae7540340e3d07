using TransformFramework.Dsl.Binding;

namespace TransformFramework.Dsl.Tests.Binding;

public sealed class SuggestionsTests
{
    private static readonly string[] Names = ["fold_constants", "fold_batch_norms", "remove_nodes", "rename_op", "rename_node"];

    [Theory]
    [InlineData("fold_constant", "fold_constants")]
    [InlineData("fold_cosntants", "fold_constants")]
    [InlineData("FOLD_CONSTANTS", "fold_constants")]
    [InlineData("fold-batch-norm", "fold_batch_norms")]
    [InlineData("remove_node", "remove_nodes")]
    [InlineData("rename_ops", "rename_op")]
    [InlineData("quantize_weights", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    public void FindsTheNearestName(string name, string? expected) => Assert.Equal(expected, Suggestions.Nearest(name, Names));

    [Fact]
    public void PrefersAForgottenCharacterToOneTooMany() => Assert.Equal("Reshape_1", Suggestions.Nearest("Reshape1", ["Reshape", "Reshape_1"]));

    [Fact]
    public void GivesUpOnOverlongNames() => Assert.Null(Suggestions.Nearest(new string('a', 1_000_000), [new string('a', 1_000_001)]));
}
