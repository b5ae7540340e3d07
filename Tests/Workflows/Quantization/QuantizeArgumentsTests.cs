using TransformFramework.Workflows.Quantization;

namespace TransformFramework.Workflows.Tests.Quantization;

public sealed class QuantizeArgumentsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("rounding=gptq", "")]
    [InlineData("exclude=\"*rounding=1*\", rounding=\"gptq\", per_channel=false", ", exclude=\"*rounding=1*\", per_channel=false")]
    public void An_argument_is_left_out_by_its_name(string given, string expected) => Assert.Equal(expected, QuantizeArguments.Parse(given).Without("rounding").Text);

    [Theory]
    [InlineData("", true)]
    [InlineData("weights_only=true", false)]
    [InlineData("dynamic=true", false)]
    [InlineData("weights_only=false, dynamic=false", true)]
    public void Ranges_are_needed_for_static_quantization_only(string given, bool needsRanges) => Assert.Equal(needsRanges, QuantizeArguments.Parse(given).NeedsRanges);

    [Fact]
    public void An_argument_that_is_added_comes_last() => Assert.Equal(", target=tflite, samples=\"a b.npz\"", QuantizeArguments.Parse("target=tflite").With("samples", "a b.npz").Text);
}
