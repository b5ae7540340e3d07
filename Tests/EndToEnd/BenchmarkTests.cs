using System.Text.Json;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>The commands that measure graphs.</summary>
public sealed class BenchmarkTests : IDisposable
{
    private const string Output = "DigitsNet/Predictions/Reshape_1";

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Two_graphs_are_measured_side_by_side()
    {
        string quantized = Quantized();
        ProgramResult result = ProgramRunner.Run("benchmark", $"--in_graph={Repository.Digits}", $"--compare_graph={quantized}", $"--outputs={Output}", "--runs=5", "--threads=1", "--format=json");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using JsonDocument report = JsonDocument.Parse(result.Output);
        JsonElement root = report.RootElement;
        Assert.Equal((1, 1), (root.GetProperty("schema_version").GetInt32(), root.GetProperty("threads").GetInt32()));
        Assert.NotEqual("", root.GetProperty("instruction_set").GetString());
        JsonElement[] graphs = [.. root.GetProperty("graphs").EnumerateArray()];
        Assert.Equal([Repository.Digits, quantized], graphs.Select(graph => graph.GetProperty("file").GetString()));
        Assert.All(graphs, graph =>
        {
            Assert.Equal(5, graph.GetProperty("runs").GetInt32());
            Assert.InRange(graph.GetProperty("median").GetDouble(), graph.GetProperty("least").GetDouble(), graph.GetProperty("p95").GetDouble());
            Assert.Equal(graphs[0].GetProperty("flops").GetInt64(), graph.GetProperty("flops").GetInt64());
            double nodes = graph.GetProperty("nodes").EnumerateArray().Sum(node => node.GetProperty("time").GetDouble());
            Assert.Equal(nodes, graph.GetProperty("by_type").EnumerateArray().Sum(type => type.GetProperty("time").GetDouble()), nodes / 1e6);
            Assert.Equal(nodes, graph.GetProperty("by_kind").EnumerateObject().Sum(kind => kind.Value.GetDouble()), nodes / 1e6);
        });
        Assert.Equal(2 * 6_262_336, graphs[0].GetProperty("flops").GetInt64());
        Assert.Equal([0.0, 0.0], new[] { "8_bit", "conversion" }.Select(kind => graphs[0].GetProperty("by_kind").GetProperty(kind).GetDouble()));
        Assert.All(["8_bit", "conversion"], kind => Assert.True(graphs[1].GetProperty("by_kind").GetProperty(kind).GetDouble() > 0, kind));
    }

    [Fact]
    public void The_text_says_how_fast_where_the_time_goes_and_what_ran()
    {
        ProgramResult result = ProgramRunner.Run("benchmark", $"--in_graph={Repository.Digits}", $"--compare_graph={Quantized()}", $"--outputs={Output}", "--runs=3", "--threads=1", "--run_order");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Matches("(?m)^1 thread, [a-z0-9]+, 3 timed runs of each graph, by turns$", result.Output);
        Assert.Matches(@"(?m)^median +[\d.]+ ms +[\d.]+ ms  [\d.]+ × as fast$", result.Output);
        Assert.Matches(@"(?m)^  conversion +0\.000 ms   0\.0 % +[\d.]+ ms +[\d.]+ %$", result.Output);
        Assert.Matches(@"(?m)^  Conv2D +[\d.]+ ms +[\d.]+ %  DigitsNet/Conv_0/Conv2D$", result.Output);
        Assert.Contains("digits_cnn.pb: in run order", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_larger_batch_is_given_by_its_shape()
    {
        ProgramResult result = ProgramRunner.Run("benchmark", $"--in_graph={Repository.Digits}", "--feed=Placeholder=random:1?shape=3x32x32x1", "--runs=1", "--format=json");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using JsonDocument report = JsonDocument.Parse(result.Output);
        Assert.Equal(3 * 2 * 6_262_336, report.RootElement.GetProperty("graphs")[0].GetProperty("flops").GetInt64());
    }

    [Fact]
    public void An_input_without_a_shape_is_named_when_the_graph_does_not_run()
    {
        string graph = folder.Write("graph.pbtxt", """
            node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
            node { name: "y" op: "MatMul" input: "x" input: "x" attr { key: "T" value { type: DT_FLOAT } } }
            """);
        ProgramResult result = ProgramRunner.Run("benchmark", $"--in_graph={graph}");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--feed x=random:1?shape=", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, ProgramRunner.Run("benchmark", $"--in_graph={graph}", "--runs=1", "--feed=x=random:1?shape=4x4").ExitCode);
    }

    [Fact]
    public void The_originals_flags_give_its_report()
    {
        ProgramResult result = Original("--show_flops", "--show_memory=false", "--run_order_limit=2", "--benchmark_name=digits/cnn", $"--output_prefix={folder["result_"]}");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Matches(@"^Average inference timings in us: Warmup: \d+, no stats: \d+, with stats: \d+\n", result.Output);
        Assert.Contains("= Run Order =", result.Output, StringComparison.Ordinal);
        Assert.Contains("= Top by Computation Time =", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("= Top by Memory Use =", result.Output, StringComparison.Ordinal);
        Assert.Contains("= Summary by node type =", result.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^Timings \(microseconds\): count=4 ", result.Output);
        Assert.Matches(@"(?m)^FLOPs estimate: 12\.34M$", result.Output);
        Assert.Matches(@"(?m)^FLOPs/second: [\d.]+[MBT]$", result.Output);
        Assert.Contains("result_digits__cnn", folder.Entries());
        Assert.Contains("result_digits__cnn_Conv2D", folder.Entries());
        Assert.Contains("digits/cnn", File.ReadAllText(folder["result_digits__cnn"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--input_layer_shape=1,-1,32,1", "is not a known shape")]
    [InlineData("--input_layer_type=float,float", "the same number of items")]
    [InlineData("--output_layer=Nope", "the graph has no node 'Nope'")]
    [InlineData("--show_time=maybe", "Couldn't interpret value =maybe for flag show_time")]
    [InlineData("--max_time=soon", "--max_time is a number of seconds")]
    [InlineData("--in_graph=x", "'benchmark_model' has no option '--in_graph'")]
    public void A_wrong_flag_is_a_usage_error(string flag, string message)
    {
        ProgramResult result = Original(flag);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--runs=none", "--runs is a whole number from 1")]
    [InlineData("--compare_graph=none.pb", "there is no file")]
    [InlineData("--feed=x=1", "the graph has no node 'x'")]
    [InlineData("--feed=Placeholder=random:1?shape=1x0x32x1", "is no shape of a random tensor")]
    [InlineData("--feed=Placeholder=random:1?shape=1x16x16x1", "[1,16,16,1]")]
    public void What_cannot_be_measured_is_said(string option, string message)
    {
        ProgramResult result = ProgramRunner.Run("benchmark", $"--in_graph={Repository.Digits}", option);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Equal("", result.Output);
    }

    public void Dispose() => folder.Dispose();

    private static ProgramResult Original(params string[] flags) => ProgramRunner.Run(
        ["benchmark_model", $"--graph={Repository.Digits}", "--input_layer=Placeholder:0", "--input_layer_shape=1,32,32,1", "--input_layer_type=float", $"--output_layer={Output}:0", "--max_num_runs=4", "--num_threads=1", .. flags]);

    private string Quantized()
    {
        string file = folder["int8.pb"];
        ProgramResult result = ProgramRunner.Run(
            $"--in_graph={Repository.Digits}", $"--out_graph={file}", "--inputs=Placeholder", $"--outputs={Output}", "--quiet", $"--transforms_file={Path.Combine(Repository.Root, "examples/01-digits/int8.gtt")}");
        Assert.True(result.ExitCode == 0, result.Error);
        return file;
    }
}
