using TransformFramework.Engine;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Comparison;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;

namespace TransformFramework.Workflows.Tests;

/// <summary>The commands as calls, on the digits of the first example.</summary>
public sealed class ModelWorkflowsTests
{
    private const string Images = "digits_calibration.npz?divide=255";

    private static readonly TransformEngine Engine = new(new() { ProgramFolder = RepositoryFiles.OutputOf("Host/Cli") });

    private readonly ModelWorkflows workflows = new(Engine);

    [Fact]
    public void A_model_is_quantized_and_judged()
    {
        using Model model = Engine.Load(Example("digits_cnn.pb"));
        var outputs = model.WithSignature(new("serve", "", [new("image", "Placeholder:0", DataType.Float, TensorShape.Unknown)], [new("scores", "DigitsNet/Predictions/Reshape_1:0", DataType.Float, TensorShape.Unknown)]));
        var samples = workflows.Samples(outputs, Example(Images)).Take(20).ToArray();
        QuantizedModel quantized = workflows.Quantize(outputs, samples, new() { Method = Toolkit.Calibration.RangeMethod.MinMax, Equalizes = false, CorrectsBiases = false });
        Assert.Contains(quantized.Model.Graph.Nodes, node => node.Op.StartsWith("Quantized", StringComparison.Ordinal));
        Assert.True(quantized.Agreement.Share >= 0.95, $"{quantized.Agreement}");
        Assert.Contains("model.ranges", quantized.Script, StringComparison.Ordinal);
        Assert.Equal(20, quantized.Ranges.Samples);

        Agreement again = workflows.Agreement(outputs, quantized.Model, samples);
        Assert.Equal(quantized.Agreement.SameTop, again.SameTop);
        ComparisonResult compared = workflows.Compare(outputs, quantized.Model, new Dictionary<string, Tensor> { ["image"] = samples[0].Values.Single() });
        Assert.Equal("scores", Assert.Single(compared.Outputs).Name);
        Accuracy accuracy = workflows.Evaluate(quantized.Model, Example("digits_test.npz?divide=255"), batch: 50);
        Assert.Equal(600, accuracy.Images);
        Assert.True(accuracy.Top1 > 560, $"{accuracy.Top1} of 600");
    }

    [Fact]
    public void Rounded_weights_are_improved()
    {
        using Model model = Engine.Load(Example("digits_cnn.pb"));
        var outputs = model.WithSignature(new("serve", "", [new("image", "Placeholder:0", DataType.Float, TensorShape.Unknown)], [new("scores", "DigitsNet/Predictions/Reshape_1:0", DataType.Float, TensorShape.Unknown)]));
        QuantizedModel quantized = workflows.Quantize(outputs, workflows.Samples(outputs, Example(Images)).Take(4).ToArray(), new() { Method = Toolkit.Calibration.RangeMethod.MinMax, Equalizes = false, Arguments = "rounding=gptq, reconstruct=1" });
        Assert.Contains("reconstruct=1", quantized.Script, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranges_are_calibrated()
    {
        using Model model = Engine.Load(Example("digits_cnn.pb"));
        var ranges = workflows.Calibrate(model, workflows.Samples(model, Example(Images)).Take(4));
        Assert.Equal(4, ranges.Samples);
        Assert.Equal((0f, 253 / 255f), ranges.Find("Placeholder"));
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(-1, null)]
    public void A_model_is_tuned_to_a_limit(double limit, int? keptFloat)
    {
        using Model model = Engine.Load(Example("digits_cnn.pb"));
        var outputs = model.WithSignature(new("serve", "", [new("image", "Placeholder:0", DataType.Float, TensorShape.Unknown)], [new("scores", "DigitsNet/Predictions/Reshape_1:0", DataType.Float, TensorShape.Unknown)]));
        var tuned = workflows.Tune(outputs, workflows.Samples(outputs, Example(Images)).Take(4).ToArray(), limit, Toolkit.Calibration.RangeMethod.MinMax);
        Assert.Equal(keptFloat, tuned.KeptFloat);
        Assert.NotEmpty(tuned.Ranked);
        Assert.Equal(keptFloat is null, tuned.Graph is null);
        Assert.Equal(keptFloat is null, tuned.Script is null);
    }

    [Fact]
    public void Layers_are_ranked_by_what_each_alone_costs_the_results()
    {
        using Model model = Engine.Load(Example("digits_cnn.pb"));
        var outputs = model.WithSignature(new("serve", "", [new("image", "Placeholder:0", DataType.Float, TensorShape.Unknown)], [new("scores", "DigitsNet/Predictions/Reshape_1:0", DataType.Float, TensorShape.Unknown)]));
        var samples = workflows.Samples(outputs, Example(Images)).Take(4).ToArray();
        var ranked = workflows.Tune(outputs, samples, limit: 100, Toolkit.Calibration.RangeMethod.MinMax).Ranked;
        Assert.True(ranked[0].Sqnr < ranked[^1].Sqnr);
        Assert.Equal(Alone(ranked[0].Node), ranked[0].Sqnr, 0.5);
        Assert.True(Alone(ranked[0].Node) < Alone(ranked[^1].Node));

        double Alone(string layer) =>
            workflows.Quantize(outputs, samples, new() { Method = Toolkit.Calibration.RangeMethod.MinMax, Headroom = 1, Equalizes = false, CorrectsBiases = false, Arguments = $"include=\"{layer}\"" }).Agreement.Sqnr;
    }

    [Fact]
    public void An_input_that_the_model_lacks_is_named()
    {
        using Model model = Engine.Load(Example("digits_cnn.pb"));
        var samples = new[] { new Dictionary<string, Tensor> { ["image"] = Tensor.Scalar(1f) } };
        Assert.Contains("'image'", Assert.Throws<FeedException>(() => workflows.Calibrate(model, samples)).Message, StringComparison.Ordinal);
    }

    private static string Example(string name) => RepositoryFiles.PathOf($"examples/01-digits/{name}");
}
