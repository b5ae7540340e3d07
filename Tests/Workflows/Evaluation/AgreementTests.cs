using TransformFramework.Cpu;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Evaluation;

namespace TransformFramework.Workflows.Tests.Evaluation;

public sealed class AgreementTests
{
    private const string Reference = "x = Placeholder() {dtype=float, shape=(2,2)}\ny = Identity(x) {T=float}\nz = Neg(x) {T=float}";

    [Fact]
    public void Rows_with_the_same_largest_element_count_and_signal_and_noise_add_up_over_samples()
    {
        Agreement agreement = Measured(Reference.Replace("Identity", "Abs", StringComparison.Ordinal), ["y"], [1, 2, -3, 1], [1, -1, -1, -1]);
        Assert.Equal((2, 4L, 3L, 0.75), (agreement.Samples, agreement.Rows, agreement.SameTop, agreement.Share));
        Assert.Equal(10 * Math.Log10(10.5 / 20), agreement.Sqnr, 1e-9);
    }

    [Fact]
    public void The_answers_are_the_first_outputs_and_the_noise_is_the_worst_ones()
    {
        Agreement agreement = Measured(Reference.Replace("Neg", "Identity", StringComparison.Ordinal), ["y", "z"], [1, 2, 3, 4]);
        Assert.Equal(1, agreement.Share);
        Assert.Equal(10 * Math.Log10(1.0 / 4), agreement.Sqnr, 1e-9);
    }

    [Fact]
    public void Equal_graphs_agree_without_noise()
    {
        Agreement agreement = Measured(Reference, ["y"], [1, 2, 3, 4]);
        Assert.Equal((1.0, double.PositiveInfinity), (agreement.Share, agreement.Sqnr));
    }

    private static Agreement Measured(string actual, string[] outputs, params float[][] samples)
    {
        var feeds = samples.Select(sample => new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(2, 2), sample) });
        return Agreement.Measure(new CpuBackend(), GraphText.Parse(Reference), GraphText.Parse(actual), outputs, feeds, CancellationToken.None);
    }
}
