using TransformFramework.Diagnostics;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Models;

/// <summary>The digits net with four channels of 400 times the range of the others, which one range for all channels destroys: the tool says so itself.</summary>
public sealed class HardDigitsTests
{
    private const string Imbalanced = "TFX2042";
    private const string Fold = "strip_unused_nodes(type=float, shape=\"1,32,32,1\") remove_nodes(op=Identity, op=CheckNumerics) fold_constants(ignore_errors=true) fold_norms ";

    private static readonly Graph Hard = DigitsData.Model("04-quantize", "hard", "digits_hard.pb");

    /// <summary>Right answers of the original on 600 images.</summary>
    [Theory]
    [InlineData("quantize_weights", 142)]
    [InlineData("add_default_attributes " + Fold + "quantize_weights quantize_nodes", 57)]
    public void Collapsing_weights_are_named_with_their_spread_and_what_helps(string script, int right)
    {
        PipelineResult result = DigitsData.Transform(Hard, script, TransformMode.Safe);
        Diagnostic warning = Assert.Single(result.Steps.SelectMany(step => step.Diagnostics), diagnostic => diagnostic.Id == Imbalanced);
        Assert.Equal("DigitsNet/Conv_4_depthwise/depthwise_weights", Base(warning.Node!));
        Assert.Contains("124 of 128 channels", warning.Message, StringComparison.Ordinal);
        Assert.Contains("'quantize'", warning.Suggestion, StringComparison.Ordinal);
        Assert.Equal(right, DigitsData.Right(DigitsData.Answers(result.Graph!)));
    }

    [Fact]
    public void A_range_for_each_channel_keeps_the_answers()
    {
        PipelineResult result = DigitsData.Transform(Hard, Fold + "quantize(weights_only=true)", TransformMode.Safe);
        Assert.DoesNotContain(result.Steps.SelectMany(step => step.Diagnostics), diagnostic => diagnostic.Id == Imbalanced);
        Assert.InRange(DigitsData.Right(DigitsData.Answers(result.Graph!)), 595, 600);
    }

    [Fact]
    public void The_ordinary_net_raises_no_warning()
    {
        PipelineResult result = DigitsData.Transform(DigitsData.Model("01-digits", "digits_cnn.pb"), Fold + "quantize_weights(minimum_size=16) quantize_nodes", TransformMode.Safe);
        Assert.DoesNotContain(result.Steps.SelectMany(step => step.Diagnostics), diagnostic => diagnostic.Id == Imbalanced);
    }

    private static string Base(string name) => name.EndsWith("_folded", StringComparison.Ordinal) ? name[..^"_folded".Length] : name;
}
