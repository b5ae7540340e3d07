using System.Text.Json;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>The program as users and their scripts call it.</summary>
public sealed class CommandLineTests : IDisposable
{
    private const string Output = "DigitsNet/Predictions/Reshape_1";

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void The_originals_command_line_works_verbatim()
    {
        ProgramResult result = Shell($"--in_graph={Repository.Digits} --out_graph={folder["out.pb"]} --inputs='Placeholder' --outputs='{Output}' --transforms='\n  remove_nodes(op=Identity, op=CheckNumerics)\n  sort_by_execution_order'");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("remove_nodes                      123 → 78", result.Output, StringComparison.Ordinal);
        Assert.Equal(78, Read("out.pb").Nodes.Length);
    }

    [Theory]
    [InlineData("--output_as_text")]
    [InlineData("--output_as_text=true")]
    [InlineData("--output-as-text=true")]
    public void Text_is_written_on_request(string option)
    {
        Assert.Equal(0, Transform("remove_device", option).ExitCode);
        Assert.StartsWith("node {\n  name: \"Placeholder\"\n", File.ReadAllText(folder["out.pb"]), StringComparison.Ordinal);
        Assert.Equal(123, Read("out.pb").Nodes.Length);
    }

    [Fact]
    public void Text_is_not_written_when_that_is_refused()
    {
        Assert.Equal(0, Transform("remove_device", "--output_as_text=false").ExitCode);
        Assert.Equal(0x0A, File.ReadAllBytes(folder["out.pb"])[0]);
    }

    [Theory]
    [InlineData("--in-graph={0}", "--out-graph={1}")]
    [InlineData("--in_graph", "{0}", "--out-graph", "{1}")]
    [InlineData("--in_graph=none.pb", "--out_graph=none/none.pb", "--in_graph={0}", "--out_graph={1}")]
    public void Options_have_two_spellings_and_the_last_of_several_wins(params string[] options)
    {
        string[] filled = [.. options.Select(option => option.Replace("{0}", Repository.Digits, StringComparison.Ordinal).Replace("{1}", folder["out.pb"], StringComparison.Ordinal))];
        ProgramResult result = ProgramRunner.Run([.. filled, "--inputs=Placeholder", $"--outputs={Output}", "--transforms=remove_device"]);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.True(File.Exists(folder["out.pb"]));
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes()
    {
        Transform("merge_duplicate_nodes sort_by_execution_order");
        byte[] first = File.ReadAllBytes(folder["out.pb"]);
        Transform("merge_duplicate_nodes sort_by_execution_order");
        Assert.Equal(first, File.ReadAllBytes(folder["out.pb"]));
    }

    [Fact]
    public void A_graph_is_transformed_in_place()
    {
        File.Copy(Repository.Digits, folder["graph.pb"]);
        ProgramResult result = ProgramRunner.Run($"--in_graph={folder["graph.pb"]}", $"--out_graph={folder["graph.pb"]}", "--inputs=Placeholder", $"--outputs={Output}", "--transforms=remove_nodes(op=Identity)");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(79, Read("graph.pb").Nodes.Length);
        Assert.Equal(["graph.pb"], folder.Entries());
    }

    [Fact]
    public void Standard_input_and_output_carry_graphs()
    {
        ProgramResult result = new ProgramRunner { Program = "/bin/sh" }.Start(
            "-c", $"'{Repository.Program}' --in_graph=/dev/stdin --out_graph=/dev/stdout --quiet --transforms='remove_nodes(op=Identity)' < '{Repository.Digits}' > '{folder["out.pb"]}'");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(79, Read("out.pb").Nodes.Length);
    }

    [Theory]
    [InlineData("--in_graph=- --out_graph=- --transforms='remove_nodes(op=Identity)'", 0)]
    [InlineData("convert - --out=- --out_format=onnx", 0)]
    [InlineData("convert - --out=-", 2)]
    public void A_dash_is_standard_input_and_output_and_people_are_told_on_standard_error(string arguments, int exitCode)
    {
        ProgramResult result = new ProgramRunner { Program = "/bin/bash" }.Start(
            "-c", $"set -o pipefail; cat '{Repository.Digits}' | '{Repository.Program}' {arguments} | cat > '{folder["out.pb"]}'");
        Assert.True(result.ExitCode == exitCode, result.Error);
        Assert.Contains(exitCode == 0 ? "nodes" : "--out_format", result.Error, StringComparison.Ordinal);
        Assert.Equal(exitCode == 0 ? (byte)0x08 : (byte)0, exitCode == 0 ? (byte)(File.ReadAllBytes(folder["out.pb"])[0] & 0xF8) : (byte)new FileInfo(folder["out.pb"]).Length);
    }

    [Fact]
    public void After_two_dashes_a_word_is_a_path()
    {
        File.Copy(Repository.Digits, folder["-graph.pb"]);
        Assert.Equal(0, new ProgramRunner { WorkingDirectory = folder.Path }.Start("summarize", "--", "-graph.pb").ExitCode);
        Assert.Equal(2, new ProgramRunner { WorkingDirectory = folder.Path }.Start("summarize", "-graph.pb").ExitCode);
    }

    [Theory]
    [InlineData("convert", "--opset=13..25")]
    [InlineData("quantize", "--ends=int8|uint8|float")]
    public void Help_shows_the_options_of_formats(string command, string option) => Assert.Contains(option, ProgramRunner.Run(command, "--help").Output, StringComparison.Ordinal);

    [Fact]
    public void A_script_comes_from_a_file_or_from_standard_input()
    {
        const string Script = "# drop\nremove_nodes(op=Identity)\n\nsort_by_execution_order # order\n";
        string file = folder.Write("script.gtt", Script);
        Assert.Equal(0, Run($"--transforms_file={file}").ExitCode);
        byte[] fromFile = File.ReadAllBytes(folder["out.pb"]);
        ProgramResult result = new ProgramRunner { Input = Script }.Start([.. Common, "--transforms_file=-"]);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(fromFile, File.ReadAllBytes(folder["out.pb"]));
    }

    [Fact]
    public void A_dry_run_writes_nothing()
    {
        ProgramResult result = Transform("remove_device", "--dry_run");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("nothing is written", result.Output, StringComparison.Ordinal);
        Assert.Empty(folder.Entries());
    }

    [Fact]
    public void Results_are_on_standard_output_and_everything_else_on_standard_error()
    {
        ProgramResult json = Transform("remove_nodes(op=Identity) rename_op(old_op_name=\"“\", new_op_name=b)", "--format=json");
        using JsonDocument report = JsonDocument.Parse(json.Output);
        Assert.Equal(1, report.RootElement.GetProperty("schema_version").GetInt32());
        Assert.Equal([123, 79], report.RootElement.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("nodes_before").GetInt32()));
        Assert.Equal(("", ""), (Transform("remove_device", "--quiet").Output, Transform("remove_device", "--quiet").Error));
    }

    [Fact]
    public void A_report_is_written_even_when_a_step_fails()
    {
        Assert.Equal(1, Transform("remove_device freeze_requantization_ranges(min_max_log_file=none.log)", $"--report={folder["report.json"]}").ExitCode);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(folder["report.json"]));
        Assert.False(report.RootElement.GetProperty("succeeded").GetBoolean());
        Assert.Equal("TFX2001", report.RootElement.GetProperty("failure").GetProperty("diagnostic").GetProperty("id").GetString());
    }

    [Fact]
    public void An_input_or_output_that_the_graph_does_not_have_is_a_warning_with_the_nearest_name()
    {
        ProgramResult result = ProgramRunner.Run($"--in_graph={Repository.Digits}", "--dry_run", "--inputs=Placeholde", $"--outputs={Output}", "--transforms=remove_device");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Did you mean 'Placeholder'?", result.Error, StringComparison.Ordinal);
        Assert.Equal("", ProgramRunner.Run($"--in_graph={Repository.Digits}", "--dry_run", "--inputs=Placeholde", "--transforms=remove_device", "--verbatim").Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("list")]
    [InlineData("describe")]
    [InlineData("fmt")]
    [InlineData("lint")]
    [InlineData("summarize")]
    [InlineData("summarize_graph")]
    [InlineData("view")]
    [InlineData("diff")]
    [InlineData("compare_graphs")]
    [InlineData("plugins")]
    [InlineData("run")]
    [InlineData("compare")]
    [InlineData("evaluate")]
    [InlineData("convert")]
    [InlineData("calibrate")]
    [InlineData("quantize")]
    [InlineData("tune")]
    [InlineData("benchmark")]
    [InlineData("benchmark_model")]
    public void Every_command_has_help(string command)
    {
        ProgramResult result = ProgramRunner.Run([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("Usage: transform_graph", result.Output, StringComparison.Ordinal);
        Assert.Contains("--plugin=PATH", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_show_transforms_and_graphs()
    {
        Assert.Contains("remove_device ", ProgramRunner.Run("list").Output, StringComparison.Ordinal);
        Assert.Contains("| `old_op_name` | string | required |", ProgramRunner.Run("describe", "rename_op").Output, StringComparison.Ordinal);
        Assert.Equal("Placeholder = Placeholder() {dtype=float, shape=(?,32,32,1)}\n", ProgramRunner.Run("view", $"--in_graph={Repository.Digits}", "--op=Placeholder").Output);
        Assert.Contains("Found 1 possible inputs: (name=Placeholder, type=float(1), shape=[?,32,32,1])", ProgramRunner.Run("summarize", $"--in_graph={Repository.Digits}").Output, StringComparison.Ordinal);
        Assert.Contains("accepted  Structure 1.0.0.0", ProgramRunner.Run("plugins").Output, StringComparison.Ordinal);
        Assert.Equal("a(b=c)\n", new ProgramRunner { Input = "a( b=\"c\")" }.Start("fmt", "-").Output);
    }

    [Fact]
    public void Two_graphs_are_compared()
    {
        Transform("rename_op(old_op_name=Relu6, new_op_name=Relu)");
        Assert.Equal((0, "Graphs are equal.\n"), Outcome(ProgramRunner.Run("diff", Repository.Digits, Repository.Digits)));
        ProgramResult different = ProgramRunner.Run("diff", Repository.Digits, folder["out.pb"]);
        Assert.Equal(1, different.ExitCode);
        Assert.EndsWith("8 nodes differ.\n", different.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_check_lets_pass_what_computes_the_same_and_fails_the_step_that_does_not()
    {
        Assert.Equal(0, Transform("remove_nodes(op=Identity) sort_by_execution_order", "--check").ExitCode);
        byte[] written = File.ReadAllBytes(folder["out.pb"]);
        ProgramResult result = Transform("remove_nodes(op=Identity) rename_op(old_op_name=Relu6, new_op_name=Abs)", "--check");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"error TFX4130: step 2, rename_op: output '{Output}' is not the same after rename_op", result.Error, StringComparison.Ordinal);
        Assert.Equal(written, File.ReadAllBytes(folder["out.pb"]));
    }

    [Fact]
    public void A_failing_step_leaves_a_reproducer_that_fails_the_same()
    {
        ProgramResult first = Transform("remove_nodes(op=Identity) freeze_requantization_ranges(min_max_log_file=none.log) remove_device", $"--reproducer={folder["kept"]}");
        Assert.Equal(1, first.ExitCode);
        Assert.Equal(["kept"], folder.Entries());
        string command = File.ReadAllText(folder["kept/command.txt"]);
        ProgramResult again = new ProgramRunner
        {
            Program = "/bin/sh",
            WorkingDirectory = folder["kept"],
            Environment = new Dictionary<string, string> { ["PATH"] = $"{Path.GetDirectoryName(Repository.Program)}:{Environment.GetEnvironmentVariable("PATH")}" },
        }.Start("-c", command);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("step 2, freeze_requantization_ranges: none.log; No such file", first.Error, StringComparison.Ordinal);
        Assert.Contains("step 1, freeze_requantization_ranges: none.log; No such file", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plugin_is_named_by_its_folder_its_DLL_or_the_folder_above()
    {
        string fixture = Path.Combine(AppContext.BaseDirectory, "fixtures", "Faulty");
        Assert.All([fixture, Path.Combine(fixture, "Faulty.dll"), Path.GetDirectoryName(fixture)!], path =>
        {
            ProgramResult result = ProgramRunner.Run("list", $"--plugin={path}");
            Assert.Contains("throws_in_apply", result.Output, StringComparison.Ordinal);
        });
        ProgramResult failed = Transform("throws_in_apply", $"--plugin={fixture}");
        Assert.Equal(3, failed.ExitCode);
        Assert.Contains("of plugin 'Faulty' 1.0.0.0 threw InvalidOperationException", failed.Error, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private string[] Common => [$"--in_graph={Repository.Digits}", $"--out_graph={folder["out.pb"]}", "--inputs=Placeholder", $"--outputs={Output}"];

    private static (int ExitCode, string Output) Outcome(ProgramResult result) => (result.ExitCode, result.Output);

    private static ProgramResult Shell(string arguments) => new ProgramRunner { Program = "/bin/sh" }.Start("-c", $"'{Repository.Program}' {arguments}");

    private ProgramResult Run(params string[] more) => ProgramRunner.Run([.. Common, .. more]);

    private ProgramResult Transform(string script, params string[] more) => Run([$"--transforms={script}", .. more]);

    private Graph Read(string name)
    {
        using LoadedModel model = ModelFile.Open(folder[name], CancellationToken.None);
        return model.Graph;
    }
}
