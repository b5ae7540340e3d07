using TransformFramework.Cpu;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;

namespace TransformFramework.Workflows.Tests.Evaluation;

public sealed class EvaluationRunTests : IDisposable
{
    private const string Judged = "x = Placeholder() {dtype=float, shape=(?,3)}\ny = Identity(x) {T=float}";
    private const string Opposite = "x = Placeholder() {dtype=float, shape=(?,3)}\ny = Neg(x) {T=float}";
    private const string OfIntegers = "i = Placeholder() {dtype=int32, shape=(?,3)}\ny = Cast(i) {SrcT=int32, DstT=float}";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("evaluation");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    public void Answers_are_counted_and_the_least_clear_images_named(int batch)
    {
        EvaluationResult result = Measured(Judged, null, batch);
        Assert.Equal((4, 2, 4), (result.Judged.Images, result.Judged.Top1, result.Judged.Top5));
        Assert.Equal<IEnumerable<int>>([0, 2, 1, 1], result.Judged.Answers);
        Assert.Equal(2, result.Judged.Confusion[(1, 1)] + result.Judged.Confusion[(0, 0)]);
        Assert.Equal([(2, 0, 1, -3f), (1, 1, 2, -1f), (0, 0, 0, 1f), (3, 1, 1, 7f)], result.Judged.Worst.Select(sample => (sample.Image, sample.Label, sample.Answer, sample.Margin)));
    }

    [Fact]
    public void A_reference_runs_in_the_same_pass_and_no_answers_are_kept()
    {
        EvaluationResult result = Measured(Judged, Opposite, 2, keepsAnswers: false);
        Assert.Empty(result.Judged.Answers);
        Assert.Equal(new ReferenceCounts(0, 0, result.Counts.Reference!.Noise), result.Counts.Reference);
        Assert.Equal(10 * Math.Log10(0.25), result.Counts.Reference.Noise!.Decibels, 1e-6);
    }

    [Fact]
    public void A_graph_that_needs_more_than_images_is_refused_with_what_to_do()
    {
        const string Phased = "x = Placeholder() {dtype=float, shape=(?,3)}\nkeep = Placeholder() {dtype=float, shape=()}\ny = RealDiv(x, keep) {T=float}";
        FeedException refusal = Assert.Throws<FeedException>(() => EvaluatedGraph.Of(new CpuBackend(), new ModelEndpoints(GraphText.Parse(Phased), signature: null), "x", null, "any.npz", 1, _ => { }));
        Assert.Contains("input keep", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--feed=keep=VALUE", refusal.Suggestion, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_may_take_the_images_in_another_type()
    {
        EvaluationResult result = Measured(Judged, OfIntegers, 2);
        Assert.Equal((2, 4, double.PositiveInfinity), (result.Counts.Reference!.Top1, result.Counts.Reference.Same, result.Counts.Reference.Noise!.Decibels));
    }

    public void Dispose() => folder.Delete(recursive: true);

    private EvaluationResult Measured(string judged, string? reference, int batch, bool keepsAnswers = true)
    {
        string data = Path.Combine(folder.FullName, "d.npz");
        using (FileStream stream = File.Create(data))
            NpzFile.Write(stream, [new("images", Tensor.Create<float>(DataType.Float, TensorShape.Of(4, 3), [2, 1, 0, 0, 2, 3, 1, 4, 0, 0, 8, 1])), new("labels", Tensor.Create<int>(DataType.Int32, TensorShape.Of(4), [0, 1, 0, 1]))]);
        return new EvaluationRun(Graph(judged), reference is null ? null : Graph(reference)) { Batch = batch, KeepsAnswers = keepsAnswers }.Measure(progress: null, CancellationToken.None);

        EvaluatedGraph Graph(string text) => EvaluatedGraph.Of(new CpuBackend(), new ModelEndpoints(GraphText.Parse(text), signature: null), null, null, data, batch, _ => { });
    }
}
