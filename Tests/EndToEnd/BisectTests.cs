using System.Text.Json;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>The bad step of a script is found, with about log₂ of the steps judged.</summary>
public sealed class BisectTests
{
    private const string Good = "remove_device, remove_nodes(op=Identity), fold_constants, fold_norms, merge_duplicate_nodes, sort_by_execution_order";

    [Theory]
    [InlineData(4, "rename_op(old_op_name=Relu6, new_op_name=Neg)", "Relu6")]
    [InlineData(0, "rename_op(old_op_name=FusedBatchNorm, new_op_name=Nonsense)", "FusedBatchNorm")]
    [InlineData(6, "rename_op(old_op_name=Softmax, new_op_name=Relu)", "")]
    [InlineData(2, "round_weights(num_steps=2)", "")]
    [InlineData(3, "rename_op(old_op_name=MaxPool, new_op_name=AvgPool)", "MaxPool")]
    [InlineData(5, "remove_nodes(op=Relu6)", "")]
    [InlineData(1, "set_attribute(op_name=FusedBatchNorm, attribute_name=epsilon, attribute_type=float, attribute_value=9.5)", "FusedBatchNorm")]
    [InlineData(6, "rename_op(old_op_name=Add, new_op_name=Sub)", "add")]
    [InlineData(4, "freeze_requantization_ranges(min_max_log_file=none.log)", "")]
    [InlineData(5, "rename_op(old_op_name=BiasAdd, new_op_name=Strange)", "")]
    public void The_bad_step_is_named(int at, string bad, string node)
    {
        using var folder = new TemporaryFolder();
        var steps = Good.Split(", ").ToList();
        steps.Insert(at, bad);
        File.WriteAllLines(folder["script.gtt"], steps);
        DigitImages.Write(folder["few.npz"], count: 4);
        ProgramResult result = ProgramRunner.Run("bisect", Repository.Digits, $"--transforms_file={folder["script.gtt"]}", $"--feed=Placeholder={folder["few.npz"]}:images", "--inputs=Placeholder", "--outputs=DigitsNet/Predictions/Reshape_1", "--json");
        Assert.True(result.ExitCode == 1, result.Output + result.Error);
        using JsonDocument found = JsonDocument.Parse(result.Output);
        Assert.Equal(at + 1, found.RootElement.GetProperty("step").GetInt32());
        Assert.Equal(bad.Split('(')[0], found.RootElement.GetProperty("transform").GetString());
        Assert.InRange(found.RootElement.GetProperty("runs").GetInt32(), 1, 4);
        Assert.True(node.Length == 0 || found.RootElement.GetProperty("nodes").EnumerateArray().Any(entry => entry.GetProperty("name").GetString()!.Contains(node, StringComparison.Ordinal)), result.Output);
    }

    [Fact]
    public void A_good_script_has_no_bad_step()
    {
        ProgramResult result = ProgramRunner.Run("bisect", Repository.Digits, $"--transforms={Good.Replace(",", "", StringComparison.Ordinal)}", "--inputs=Placeholder", "--outputs=DigitsNet/Predictions/Reshape_1");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("No step is to blame", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Accuracy_may_be_the_judge()
    {
        ProgramResult result = ProgramRunner.Run("bisect", Repository.Digits, "--transforms=remove_nodes(op=Identity) rename_op(old_op_name=Relu6, new_op_name=Neg) fold_constants", $"--evaluate={Repository.PathOf("examples/01-digits/digits_test.npz")}?divide=255", "--inputs=Placeholder", "--outputs=DigitsNet/Predictions/Reshape_1");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("step 2, rename_op (--transforms:1), is the first bad one: accuracy falls from 99.33", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_of_a_script_is_reduced()
    {
        using var folder = new TemporaryFolder();
        ProgramResult result = ProgramRunner.Run("reduce", Repository.Digits, "--transforms=remove_nodes(op=Identity) rename_op(old_op_name=MaxPool, new_op_name=AvgPool)", "--outputs=DigitsNet/Predictions/Reshape_1", $"--out={folder["small"]}");
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Contains("123 → 2 nodes", result.Output, StringComparison.Ordinal);
        Assert.Equal(["feeds.npz", "graph.gtxt", "graph.pb"], Directory.GetFiles(folder["small"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }
}
