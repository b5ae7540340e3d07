using System.Text.Json;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>The fewest layers in float that reach a target.</summary>
public sealed class TuneTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void The_fewest_layers_stay_float_and_the_script_makes_the_same_bytes()
    {
        ProgramResult result = Tune("--max_drop=0.1", $"--evaluate={Repository.PathOf("examples/01-digits/digits_test.npz")}?divide=255");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using JsonDocument report = JsonDocument.Parse(result.Output);
        JsonElement root = report.RootElement;
        string[] layers = [.. root.GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("name").GetString()!)];
        double[] noise = [.. root.GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("sqnr_db").GetDouble())];
        int kept = root.GetProperty("kept_float").GetInt32();
        Assert.Equal(9, layers.Length);
        Assert.Equal(noise.Order(), noise);
        Assert.True(root.GetProperty("drop").GetDouble() <= 0.1);
        Assert.InRange(kept, 1, 8);
        using (LoadedModel tuned = ModelFile.Open(folder["out.pb"], CancellationToken.None))
            Assert.Equal(layers.Take(kept).Order(), tuned.Graph.Nodes.Where(node => node.Op is "Conv2D" or "DepthwiseConv2dNative").Select(node => node.Name).Order());
        folder.Write("script.gtt", root.GetProperty("script").GetString()!);
        ProgramResult again = Start($"--in_graph={Hard}", "--out_graph=again.pb", "--inputs=Placeholder", "--outputs=DigitsNet/Predictions/Reshape_1", "--transforms_file=script.gtt");
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(File.ReadAllBytes(folder["out.pb"]), File.ReadAllBytes(folder["again.pb"]));
    }

    [Fact]
    public void A_target_that_is_reached_at_once_keeps_none()
    {
        ProgramResult result = Tune("--max_drop=100");
        using JsonDocument report = JsonDocument.Parse(result.Output);
        Assert.Equal((0, 0), (result.ExitCode, report.RootElement.GetProperty("kept_float").GetInt32()));
    }

    /// <summary>The graph's random answers differ from run to run, even in float.</summary>
    [Fact]
    public void A_target_out_of_reach_is_told_and_nothing_is_written()
    {
        Graph graph = GraphText.Parse(
            """
            x = Placeholder() {dtype=float, shape=(?,2)}
            shape = Const() {dtype=int32, value=int32[2]{1, 64}}
            w = Const() {dtype=float, value=float[2,1]{1, 1}}
            c = MatMul(x, w) {T=float, transpose_a=false, transpose_b=false}
            noise = RandomUniform(shape) {T=int32, dtype=float, seed=0, seed2=0}
            y = AddV2(c, noise) {T=float}
            """);
        ModelFile.Save(graph, folder["graph.pb"], asText: false, CancellationToken.None);
        using (FileStream stream = File.Create(folder["d.npz"]))
            Toolkit.Arrays.NpzFile.Write(stream, [KeyValuePair.Create("x", Tensor.Create<float>(DataType.Float, TensorShape.Of(20, 2), new float[40]))]);
        ProgramResult result = Start("tune", "--in_graph=graph.pb", "--data=d.npz", "--out_graph=out.pb", "--max_drop=0");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Even with all layers in float more than 0 points are lost", result.Output, StringComparison.Ordinal);
        Assert.Equal(["d.npz", "graph.pb"], folder.Entries());
    }

    public void Dispose() => folder.Dispose();

    private static string Hard => Repository.PathOf("examples/04-quantize/hard/digits_hard.pb");

    private ProgramResult Tune(params string[] more) => Start(["tune", $"--in_graph={Hard}", $"--data={Repository.DigitsSamples}", "--out_graph=out.pb", "--format=json", .. more]);

    private ProgramResult Start(params string[] arguments) => new ProgramRunner { WorkingDirectory = folder.Path }.Start([.. arguments, "--progress=off"]);
}
