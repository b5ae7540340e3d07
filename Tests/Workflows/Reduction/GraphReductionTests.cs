using TransformFramework.Cpu;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Reduction;

namespace TransformFramework.Workflows.Tests.Reduction;

/// <summary>Faults seeded in trained models leave at most five nodes.</summary>
public sealed class GraphReductionTests
{
    private const string Digits = "examples/01-digits/digits_cnn.pb";
    private const string ResNet8 = "models/mlperf_tiny/mlperf_tiny_pretrainedResnet/pretrainedResnet.fused.pb";
    private const string SqueezeNet = "models/squeezenet_mlnet/model.pb";
    private const string Detector = "models/mlperf_tiny/mlperf_tiny_vww_96/vww_96.decomposed.pb";

    private static readonly CpuBackend Backend = new();

    [SkippableTheory]
    [InlineData(Digits, "DigitsNet/Conv_0/Relu6", "op", "Neg")]
    [InlineData(Digits, "DigitsNet/Unit_2/add", "op", "Sub")]
    [InlineData(Digits, "DigitsNet/Conv_3/BatchNorm/FusedBatchNorm", "epsilon", "2.5")]
    [InlineData(Digits, "DigitsNet/Unit_2/conv1/Conv2D", "dilations", "[1,2,2,1]")]
    [InlineData(Digits, "DigitsNet/Conv_1_depthwise/depthwise_weights", "constant", "")]
    [InlineData(Digits, "DigitsNet/Conv_4_pointwise/BatchNorm/moving_mean", "constant", "")]
    [InlineData(ResNet8, "batch_normalization_1/FusedBatchNorm", "epsilon", "5.5")]
    [InlineData(SqueezeNet, "conv1/biases", "constant", "")]
    [InlineData(SqueezeNet, "pool1", "op", "AvgPool")]
    [InlineData(Detector, "batch_normalization/batchnorm/mul_1", "op", "Add")]
    public void A_seeded_fault_is_left_with_few_nodes(string model, string node, string what, string value)
    {
        string? path = model == Digits ? RepositoryFiles.PathOf(model) : SharedFiles.Find(model);
        Skip.If(path is null, "../shared/models is not there");
        using LoadedModel loaded = ModelFile.Open(path!, new ModelOpenOptions(), () => throw new InvalidOperationException(), CancellationToken.None);
        Graph right = loaded.Graph;
        Graph wrong = Faulty(right, node, what, value);
        string output = loaded.Endpoints.Outputs[0].Tensor;
        var feeds = FeedArguments.Random(right, [output], seed: 3);
        var values = KnownValues.Of(Backend, right, [output], feeds, CancellationToken.None);
        var fault = Faults.Difference(Backend, 1e-4, CancellationToken.None);
        ReducedCase reduced = new GraphReduction(fault, CancellationToken.None).Run(wrong, right, [output], feeds, values)!;
        Assert.True(fault(reduced));
        Assert.True(reduced.Graph.Nodes.Length <= 5, GraphText.Print(reduced.Graph, new GraphTextOptions { MaxElements = 4 }));
        Assert.True(reduced.Graph.TryFind(node, out _) || what == "constant", GraphText.Print(reduced.Graph, new GraphTextOptions { MaxElements = 4 }));
        Assert.All(reduced.Feeds, feed => Assert.True(reduced.Graph.TryFind(feed.Key, out _)));
    }

    [Fact]
    public void A_graph_without_the_fault_is_not_reduced()
    {
        Graph graph = GraphText.Parse("x = Placeholder() {dtype=float, shape=(2)}\ny = Relu(x) {T=float}");
        var feeds = FeedArguments.Random(graph, ["y"], seed: 1);
        Assert.Null(new GraphReduction(Faults.Difference(Backend, 1e-4, CancellationToken.None), CancellationToken.None).Run(graph, graph, ["y"], feeds, new Dictionary<string, Tensor>()));
    }

    [Fact]
    public void A_node_that_cannot_run_is_left_with_its_inputs()
    {
        Graph graph = GraphText.Parse("""
            x = Placeholder() {dtype=float, shape=(2)}
            a = Relu(x) {T=float}
            b = Neg(a) {T=float}
            bad = Strange(b) {T=float}
            c = Relu(bad) {T=float}
            """);
        var feeds = FeedArguments.Random(graph, ["c"], seed: 1);
        var values = KnownValues.Of(Backend, graph, ["c"], feeds, CancellationToken.None);
        Assert.Equal(["a", "b"], values.Keys.Order(StringComparer.Ordinal));
        ReducedCase reduced = new GraphReduction(Faults.Failure(Backend, "Strange", CancellationToken.None), CancellationToken.None).Run(graph, null, ["c"], feeds, values)!;
        Assert.Equal(["b Placeholder", "bad Strange", "c Relu"], reduced.Graph.Nodes.Select(node => $"{node.Name} {node.Op}"));
    }

    [SkippableFact]
    public void A_command_judges_by_its_exit_code()
    {
        Skip.If(OperatingSystem.IsWindows(), "needs grep");
        Graph graph = GraphText.Parse("x = Placeholder() {dtype=float, shape=(2)}\na = Relu(x) {T=float}\nb = Neg(a) {T=float}\nc = Relu(b) {T=float}");
        var feeds = FeedArguments.Random(graph, ["c"], seed: 1);
        var values = KnownValues.Of(Backend, graph, ["c"], feeds, CancellationToken.None);
        Func<ReducedCase, bool> fault = new CommandFault(["sh", "-c", "! grep -q Neg {graph}"], TimeSpan.FromSeconds(30), CancellationToken.None).IsShownBy;
        ReducedCase reduced = new GraphReduction(fault, CancellationToken.None).Run(graph, null, ["c"], feeds, values)!;
        Assert.Equal(["a Placeholder", "b Neg"], reduced.Graph.Nodes.Select(node => $"{node.Name} {node.Op}"));
    }

    [Theory]
    [InlineData("3")]
    [InlineData("1,6")]
    [InlineData("0,4,7")]
    [InlineData("")]
    [InlineData("0,1,2,3,4,5,6,7")]
    public void Delta_debugging_keeps_what_is_needed(string needed)
    {
        int[] wanted = [.. needed.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        Assert.Equal(wanted, DeltaDebugging.Minimum(Enumerable.Range(0, 8).ToArray(), items => wanted.All(items.Contains)));
    }

    private static Graph Faulty(Graph graph, string name, string what, string value)
    {
        Node node = graph.Find(name)!;
        Node changed = what switch
        {
            "op" => node with { Op = value },
            "constant" => node.With("value", Disturbed(node.TensorAttribute("value")!)),
            _ => node.With(what, GraphText.ParseValue(value)),
        };
        return graph.Select(one => ReferenceEquals(one, node) ? changed : one);
    }

    private static Tensor Disturbed(Tensor tensor)
    {
        float[] values = tensor.ToSingles();
        values[0] += 10;
        return Tensor.Create<float>(DataType.Float, tensor.Shape, values);
    }
}
