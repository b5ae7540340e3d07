using System.Text.Json;
using System.Text.RegularExpressions;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>Static 8-bit graphs in one command.</summary>
public sealed class QuantizeTests : IDisposable
{
    private const string Output = "DigitsNet/Predictions/Reshape_1";

    private readonly TemporaryFolder folder = new();

    private static string Hard => Repository.PathOf("examples/04-quantize/hard/digits_hard.pb");

    private static string Keras => Repository.PathOf("examples/04-quantize/keras/digits_keras.pb");

    [Theory]
    [InlineData("examples/01-digits/digits_cnn.pb", "?divide=255", "per_channel=true", 594)]
    [InlineData("examples/04-quantize/hard/digits_hard.pb", "?divide=255", "per_channel=true", 596)]
    [InlineData("examples/04-quantize/hard/digits_hard.pb", "?divide=255", "per_channel=false", 594)]
    [InlineData("examples/04-quantize/keras/digits_keras.pb", "", "per_channel=true", 594)]
    public void Accuracy_is_kept(string graph, string scaling, string arguments, int right)
    {
        JsonElement report = Quantize(Repository.PathOf(graph), scaling, $"--evaluate={Repository.PathOf("examples/01-digits/digits_test.npz")}{scaling}", $"--arguments={arguments}");
        JsonElement accuracy = report.GetProperty("accuracy");
        Assert.Equal(600, accuracy.GetProperty("images").GetInt32());
        Assert.InRange(accuracy.GetProperty("top1_before").GetInt32(), 596, 597);
        Assert.InRange(accuracy.GetProperty("top1_after").GetInt32(), right, 600);
        Assert.True(report.GetProperty("same_answers").GetDouble() >= 0.99);
    }

    [Theory]
    [InlineData("examples/01-digits/digits_cnn.pb", "?divide=255")]
    [InlineData("examples/04-quantize/keras/digits_keras.pb", "")]
    public void Convolutions_norms_and_sums_are_integers_and_the_file_is_little_more_than_a_quarter(string graph, string scaling)
    {
        JsonElement report = Quantize(Repository.PathOf(graph), scaling);
        Graph quantized = Read("out.pb");
        Assert.DoesNotContain(quantized.Nodes, node => node.Op is "Conv2D" or "DepthwiseConv2dNative" or "MatMul" or "FusedBatchNormV3");
        Assert.DoesNotContain(quantized.Nodes, node => node.Op is "Add" or "AddV2" && node.Inputs.Any(input => quantized.Find(input.Node) is { Op: "Dequantize" }));
        Assert.Equal(new FileInfo(folder["out.pb"]).Length, report.GetProperty("bytes_after").GetInt64());
        Assert.True(report.GetProperty("bytes_after").GetInt64() * 3.6 <= report.GetProperty("bytes_before").GetInt64());
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("true")]
    [InlineData("false")]
    public void The_script_that_is_printed_makes_the_same_bytes(string equalize)
    {
        JsonElement report = Quantize(Hard, "?divide=255", $"--equalize={equalize}", "--arguments=exclude=\"*Logits*\"", "--samples=20");
        string script = report.GetProperty("script").GetString()!;
        if (equalize != "auto")
            Assert.Equal(equalize == "true", script.Contains("equalize", StringComparison.Ordinal));
        Assert.Equal(script.Contains("equalize", StringComparison.Ordinal), report.GetProperty("equalized").GetBoolean());
        folder.Write("script.gtt", script);
        ProgramResult again = Start($"--in_graph={Hard}", "--out_graph=again.pb", "--inputs=Placeholder", $"--outputs={Output}", "--transforms_file=script.gtt");
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(File.ReadAllBytes(folder["out.pb"]), File.ReadAllBytes(folder["again.pb"]));
        Assert.Contains(Read("out.pb").Nodes, node => node.Name == "DigitsNet/Logits/Conv2D" && node.Op == "Conv2D");
    }

    [Fact]
    public void One_processor_and_eight_make_the_same_bytes()
    {
        byte[][] made = [.. new[] { "1", "8" }.Select(count =>
        {
            var runner = new ProgramRunner { WorkingDirectory = folder.Path, Environment = new Dictionary<string, string> { ["DOTNET_PROCESSOR_COUNT"] = count } };
            ProgramResult result = runner.Start("quantize", $"--in_graph={Hard}", $"--data={Repository.DigitsSamples}", "--samples=8", "--method=entropy", "--rounding=gptq", $"--out_graph={count}.pb");
            Assert.True(result.ExitCode == 0, result.Error);
            return File.ReadAllBytes(folder[$"{count}.pb"]);
        })];
        Assert.Equal(made[0], made[1]);
    }

    [SkippableFact]
    public void Ranges_that_training_left_in_the_graph_do_for_all_but_the_input()
    {
        string? graph = SharedFiles.Find("examples/digits_qat/digits_qat.pb");
        Skip.If(graph is null, "../shared/examples is not there");
        string accuracy = $"--evaluate={Repository.PathOf("examples/01-digits/digits_test.npz")}?divide=255";
        ProgramResult alone = Start(
            $"--in_graph={graph}", "--out_graph=alone.pb", "--inputs=Placeholder", $"--outputs={Output}", accuracy, "--transforms=strip_unused_nodes remove_nodes(op=Identity, op=CheckNumerics) fold_constants quantize");
        Assert.Equal(0, alone.ExitCode);
        Assert.Contains("10 ranges of the graph  3 tensors quantized  8 weighted ops quantized", alone.Output, StringComparison.Ordinal);
        Assert.Contains("99.50 % (597) after", alone.Output, StringComparison.Ordinal);
        Assert.Contains("'DigitsNet/Conv_0/Conv2D_Fold' (Conv2D) stays float: the range of its data 'Placeholder:0' is not known", alone.Error, StringComparison.Ordinal);
        Assert.Single(Read("alone.pb").Nodes, node => node.Op is "Conv2D" or "DepthwiseConv2dNative");
        int right = Quantize(graph, "?divide=255", accuracy).GetProperty("accuracy").GetProperty("top1_after").GetInt32();
        Assert.InRange(right, 595, 600);
        Assert.DoesNotContain(Read("out.pb").Nodes, node => node.Op is "Conv2D" or "DepthwiseConv2dNative" || node.Op.StartsWith("FakeQuant", StringComparison.Ordinal));
    }

    [Fact]
    public void A_method_that_is_named_is_the_one_that_is_used()
    {
        Assert.Equal("entropy", Quantize(Repository.Digits, "?divide=255", "--method=entropy", "--equalize=false", "--samples=10").GetProperty("method").GetString());
        using JsonDocument ranges = JsonDocument.Parse(File.ReadAllBytes(folder["out.pb.ranges"]));
        Assert.Equal("Entropy", ranges.RootElement.GetProperty("method").GetString());
        Assert.Equal(10, ranges.RootElement.GetProperty("samples").GetInt32());
    }

    [Fact]
    public void Where_answers_are_lost_a_warning_names_the_layer_and_so_does_compare()
    {
        string[] ruinous = ["quantize", $"--in_graph={Hard}", $"--data={Repository.DigitsSamples}", "--out_graph=out.pb", "--samples=20", "--method=min_max", "--equalize=false", "--arguments=per_channel=false, correct_bias=false, residual=\"8bit\""];
        ProgramResult result = Start(ruinous);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("warning TFX5030: only ", result.Error, StringComparison.Ordinal);
        Assert.Contains("most is lost at 'DigitsNet/Conv_1_depthwise/", result.Error, StringComparison.Ordinal);
        Assert.Contains("SQNR ", result.Output, StringComparison.Ordinal);
        Match kept = Regex.Match(result.Error, "--arguments='(exclude=[^']+)' keeps them float");
        Assert.Equal(3, kept.Groups[1].Value.Split(", ").Length);
        string[] kinder = [.. ruinous.Select(argument => argument.StartsWith("--arguments=", StringComparison.Ordinal) ? $"{argument}, {kept.Groups[1].Value}" : argument)];
        Assert.DoesNotContain("most is lost at 'DigitsNet/Conv_1_depthwise/", Start(kinder).Error, StringComparison.Ordinal);
        Assert.Equal(("", ""), Texts(Start([.. ruinous, "--quiet"])));
        Assert.DoesNotContain("TFX5030", Start([.. ruinous, "--threshold=0"]).Error, StringComparison.Ordinal);
        string image = Directory.EnumerateFiles(Repository.PathOf("examples/01-digits/images")).Order(StringComparer.Ordinal).First();
        ProgramResult compared = Start("compare", Hard, "out.pb", $"--feed=Placeholder={image}?divide=255", "--layers");
        Assert.Equal(1, compared.ExitCode);
        Assert.Contains("the error enters at 'DigitsNet/Conv_1_depthwise/Relu' (Relu)", compared.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_tells_steps_agreement_and_script()
    {
        ProgramResult result = Start("quantize", $"--in_graph={Keras}", $"--data={Repository.PathOf("examples/01-digits/digits_calibration.npz")}", "--out_graph=out.pb", "--samples=10");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.All(["fold_norms ", "7 weighted ops quantized", "against float on 10 samples: same answer 100.00 %", "\nquantize(ranges=out.pb.ranges, residual=unrounded"], text => Assert.Contains(text, result.Output, StringComparison.Ordinal));
    }

    public void Dispose() => folder.Dispose();

    private static (string Output, string Error) Texts(ProgramResult result) => (result.Output, result.Error);

    private JsonElement Quantize(string graph, string scaling, params string[] more)
    {
        ProgramResult result = Start(["quantize", $"--in_graph={graph}", $"--data={Repository.PathOf("examples/01-digits/digits_calibration.npz")}{scaling}", "--out_graph=out.pb", "--format=json", .. more]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using JsonDocument report = JsonDocument.Parse(result.Output);
        Assert.Equal(1, report.RootElement.GetProperty("schema_version").GetInt32());
        return report.RootElement.Clone();
    }

    private ProgramResult Start(params string[] arguments) => new ProgramRunner { WorkingDirectory = folder.Path }.Start([.. arguments, "--progress=off"]);

    private Graph Read(string name)
    {
        using LoadedModel model = ModelFile.Open(folder[name], CancellationToken.None);
        return model.Graph;
    }
}
