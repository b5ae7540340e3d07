using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>Whatever is wrong: one message that says what and what to do next, the exit code of its kind, no output file, an existing one untouched.</summary>
public sealed class BadInputTests : IDisposable
{
    private const string Old = "the old output";

    private readonly TemporaryFolder folder = new();

    public BadInputTests() => folder.Write("out.pb", Old);

    [Theory]
    [InlineData("--bogus", "unknown option '--bogus'")]
    [InlineData("--ingraph=x", "Did you mean '--in_graph'?")]
    [InlineData("-x", "unknown option '-x'")]
    [InlineData("extra", "unknown command or argument 'extra'")]
    [InlineData("lst", "Did you mean 'list'?")]
    [InlineData("@responses", "unknown command or argument '@responses'")]
    [InlineData("--verbatim=maybe", "Couldn't interpret value =maybe for flag verbatim")]
    [InlineData("--output_as_text=1", "Couldn't interpret value =1 for flag output_as_text")]
    [InlineData("--format=xml", "--format is text or json, not 'xml'")]
    [InlineData("--feed=x=1", "a transformation has no option '--feed'")]
    [InlineData("--transforms=", "--transforms")]
    [InlineData("--transforms=  ", "You must specify at least one transform.")]
    [InlineData("--transforms_file=x", "--transforms and --transforms_file are both given")]
    [InlineData("--in_graph=", "--in_graph")]
    [InlineData("--out_graph=", "--out_graph")]
    [InlineData("--check=none.npz", "--check: 'none.npz' cannot be read")]
    [InlineData("--explain=remove_devise", "Did you mean 'remove_device'?")]
    public void A_wrong_option_is_a_usage_error(string option, string message) => Refused(2, message, Run("remove_device", option));

    [Theory]
    [InlineData("remove_devise", "Did you mean 'remove_device'?")]
    [InlineData("remove_device(", "not closed")]
    [InlineData("remove_device; sort_by_execution_order", "expected a transform name, but found ';'")]
    [InlineData("rename_op(old_op_name='a', new_op_name=b)", "Use double quotes")]
    [InlineData("Wrong::remove_device", "write Structure::remove_device")]
    [InlineData("fuse_remote_graph", "Hexagon")]
    public void A_wrong_script_is_shown_with_its_place(string script, string message)
    {
        ProgramResult result = Run(script);
        Refused(2, message, result);
        Assert.Contains("at --transforms:1:", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rename_op(old_op_nme=a, new_op_name=b)", "Did you mean 'old_op_name'?")]
    [InlineData("rename_op(old_op_name=a)", "Add new_op_name=")]
    [InlineData("sort_by_execution_order(a=b)", "has no argument 'a'")]
    [InlineData("remove_device(ignore_errors=maybe)", "ignore_errors should be true or false")]
    public void A_wrong_argument_is_found_before_the_first_step(string script, string message) => Refused(2, message, Run($"remove_device {script}"));

    [Theory]
    [InlineData("rename_op(old_op_name=a)", 1)]
    [InlineData("rename_op(old_op_name=a, ignore_errors=true)", 0)]
    public void A_wrong_argument_belongs_to_its_step_where_the_original_has_it_so(string script, int exitCode) =>
        Assert.Equal(exitCode, Run(script, exitCode == 1 ? "--verbatim" : "--quiet").ExitCode);

    [Theory]
    [InlineData("freeze_requantization_ranges(min_max_log_file=none.log)", "none.log; No such file")]
    public void A_wrong_argument_fails_its_step(string script, string message)
    {
        ProgramResult result = Run(script);
        Refused(1, message, result);
        Assert.Contains("step 1, ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_script_is_refused() => Refused(2, "1,048,577 bytes", Run("", $"--transforms_file={folder.Write("long.gtt", new string('#', (1 << 20) + 1))}"));

    [Theory]
    [InlineData("none.gtt", "cannot be read")]
    [InlineData(".", "it is a directory")]
    [InlineData("bytes.gtt", "not text in UTF-8")]
    public void A_script_that_cannot_be_read_is_named(string name, string message)
    {
        folder.Write("bytes.gtt", [0x61, 0xFF, 0, 1]);
        Refused(2, message, Run("", $"--transforms_file={folder[name]}"));
    }

    public static TheoryData<string, byte[], string> Files => new()
    {
        { "saved_model.pb", [0x08, 0x01, 0x12, 0x04, 0x0A, 0x02, 0x08, 0x01], "saved_model.pb" },
        { "model.meta", [0x0A, 0x0A, 0x2A, 0x06, .. "1.15.5"u8, 0x32, 0x00, 0x12, 0x02, 0x0A, 0x00], "model.meta" },
        { "model.onnx", [0x08, 0x07, 0x12, 0x07, .. "pytorch"u8, 0x3A, 0x02, 0x0A, 0x00], "model.onnx" },
        { "model.tflite", [0x1C, 0, 0, 0, .. "TFL3"u8, 0, 0, 0x12, 0], "model.tflite" },
        { "model.h5", [0x89, .. "HDF\r\n"u8, 0x1A, 0x0A, 0, 0], "model.h5" },
        { "model.ckpt", [0, 0, 1, 2, 3, 0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB], "model.ckpt" },
        { "model.pb.gz", [0x1F, 0x8B, 8, 0], "compressed with gzip" },
        { "model.pb", [.. "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"u8], "is a git-lfs pointer" },
        { "page.pb", [.. "<!DOCTYPE html>\n<html></html>"u8], "is an HTML page" },
        { "empty.pb", [], "is empty" },
        { "cut.pb", File.ReadAllBytes(Repository.Digits)[..200_000], "is cut short" },
        { "typo.pbtxt", [.. "node { nam: \"x\" }"u8], "has no field 'nam'" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_of_another_kind_is_named_as_what_it_is(string name, byte[] content, string message) =>
        Refused(4, message, Run("remove_device", $"--in_graph={folder.Write(name, content)}"), name);

    [Theory]
    [InlineData("summarize", "--in_graph=empty.pb")]
    [InlineData("view", "--in_graph=empty.pb")]
    [InlineData("diff", "empty.pb", "empty.pb")]
    [InlineData("run", "--in_graph=empty.pb", "--feed=x=1")]
    [InlineData("compare", "empty.pb", "empty.pb", "--feed=x=1")]
    [InlineData("convert", "--in_graph=empty.pb", "--out=out.onnx")]
    [InlineData("calibrate", "--in_graph=empty.pb", "--data=empty.pb", "--out=out.ranges")]
    [InlineData("quantize", "--in_graph=empty.pb", "--data=empty.pb", "--out_graph=out.pb")]
    [InlineData("tune", "--in_graph=empty.pb", "--data=empty.pb", "--out_graph=out.pb")]
    public void Every_command_names_a_file_that_is_no_graph(params string[] arguments)
    {
        folder.Write("empty.pb", []);
        Refused(4, "is empty", new ProgramRunner { WorkingDirectory = folder.Path }.Start(arguments), "empty.pb");
        Assert.Equal(["empty.pb", "out.pb"], folder.Entries());
    }

    [Theory]
    [InlineData("none.pb", "there is no file")]
    [InlineData(".", "holds no model")]
    public void An_input_that_is_no_file_is_named(string name, string message) => Refused(4, message, Run("remove_device", $"--in_graph={folder[name]}"));

    [Theory]
    [InlineData("--signature=score", "the model has no signatures")]
    [InlineData("--tag=serve", "the model has no meta graphs")]
    public void A_choice_that_the_model_does_not_have_is_refused(string option, string message) => Refused(2, message, Run("remove_device", option));

    [Theory]
    [InlineData("none/out.pb")]
    [InlineData(".")]
    public void An_output_that_cannot_be_written_is_refused_before_work_starts(string name) => Refused(2, "cannot be written", Run("remove_device", $"--out_graph={folder[name]}"));

    [SkippableFact]
    public void A_full_disk_is_told()
    {
        Skip.IfNot(File.Exists("/dev/full"), "this system has no /dev/full");
        Refused(1, "No space left on device", Run("remove_device", "--out_graph=/dev/full"));
        ProgramResult list = new ProgramRunner { Program = "/bin/sh" }.Start("-c", $"'{Repository.Program}' list > /dev/full");
        Refused(1, "No space left on device", list, helps: false);
    }

    [Theory]
    [InlineData("none", "there is no plugin at")]
    [InlineData("empty", "holds no plugin")]
    [InlineData("native.dll", "it is not a .NET assembly")]
    public void A_plugin_that_cannot_be_used_is_named(string name, string message)
    {
        Directory.CreateDirectory(folder["empty"]);
        folder.Write("native.dll", "no library");
        Refused(3, message, Run("remove_device", $"--plugin={folder[name]}"), "empty", "native.dll");
    }

    [Theory]
    [InlineData("the graph has no node 'Nope'", "--feed=Placeholder=1", "--outputs=Nope")]
    [InlineData("Did you mean 'Placeholder'?", "--feed=Placeholdr=1")]
    [InlineData("--feed Placeholder=VALUE")]
    [InlineData("is neither NAME=VALUE nor a file", "--feed=Placeholder")]
    [InlineData("cannot be read", "--feed=Placeholder=none.png")]
    [InlineData("--top is a whole number", "--feed=Placeholder=1", "--top=some")]
    public void A_run_names_what_it_lacks(string message, params string[] options) =>
        Refused(2, message, ProgramRunner.Run(["run", $"--in_graph={Repository.Digits}", .. options]), helps: false);

    [Theory]
    [InlineData("neither a file nor a folder", "--data=none.npz")]
    [InlineData("has no images, .npz, .npy or .wav files", "--data=empty")]
    [InlineData("is no image, .npz, .npy or .wav file", "--data=out.pb")]
    [InlineData("neither an array 'images' nor one named after an input (/ as __: Placeholder); it has photos", "--data=names.npz")]
    [InlineData("the value has shape [1,8,8,1], the input wants [?,32,32,1]", "--data=shapes.npz")]
    [InlineData("there are no samples", "--data=nothing.npz")]
    [InlineData("an image has no option 'divid'", "--data=shapes.npz?divid=255")]
    [InlineData("the graph has no node 'Nope'", "--inputs=Nope")]
    [InlineData("the graph has no node 'Nope'", "--outputs=Nope")]
    [InlineData("there is no method 'minmax'", "--method=minmax")]
    [InlineData("Did you mean '--method'?", "--methd=entropy")]
    public void Samples_that_do_not_fit_and_options_that_do_not_exist_leave_nothing_behind(string message, string option)
    {
        Directory.CreateDirectory(folder["empty"]);
        WriteImages("shapes.npz", "images", 2, 8, 8, 1);
        WriteImages("nothing.npz", "images", 0, 32, 32, 1);
        WriteImages("names.npz", "photos", 2, 32, 32, 1);
        string[] before = folder.Entries();
        foreach (string command in (string[])["calibrate", "quantize", "tune"])
        {
            string result = command == "calibrate" ? "--out=new.ranges" : "--out_graph=new.pb";
            Refused(2, message, new ProgramRunner { WorkingDirectory = folder.Path }.Start(command, $"--in_graph={Repository.Digits}", $"--data={Repository.DigitsSamples}", result, option), helps: false);
            Assert.Equal(before, folder.Entries());
        }
    }

    [Theory]
    [InlineData(2, "--samples is a whole number from 1", "--samples=0")]
    [InlineData(2, "--equalize is auto, true or false, not 'yes'", "--equalize=yes")]
    [InlineData(2, "--threshold is a number", "--threshold=some")]
    [InlineData(2, "the images: 'none.npz' cannot be read", "--evaluate=none.npz")]
    [InlineData(2, "expected a transform name", "--arguments=per_channel=false)")]
    [InlineData(2, "has a double quote", "--out_graph=a\"b.pb")]
    [InlineData(2, "Did you mean 'exclude'?", "--arguments=exclud=a")]
    [InlineData(1, "Near names: DigitsNet/Logits/Conv2D", "--arguments=exclude=DigitsNet/Logit/Conv2D")]
    [InlineData(2, "there is no folder", "--out_graph=none/new.pb")]
    [InlineData(2, "it is a directory", "--out_graph=.")]
    public void A_quantization_that_cannot_be_carried_out_leaves_nothing_behind(int exitCode, string message, string option)
    {
        string[] before = folder.Entries();
        Refused(exitCode, message, new ProgramRunner { WorkingDirectory = folder.Path }.Start("quantize", $"--in_graph={Repository.Digits}", $"--data={Repository.DigitsSamples}", "--samples=2", "--out_graph=new.pb", option), helps: false);
        Assert.Equal(before, folder.Entries());
    }

    [Theory]
    [InlineData(2, "--data is missing")]
    [InlineData(2, "Could not find file", "--merge=none.ranges")]
    [InlineData(2, "not a file of ranges", "--merge=out.pb")]
    [InlineData(75, "has no shard of 'calibrate'", "--merge=.")]
    [InlineData(2, "--percentile=0 is not a percentage over 0", "--percentile=0")]
    [InlineData(2, "there is no folder", "--data={0}", "--out=none/new.ranges")]
    [InlineData(2, "it is a directory", "--data={0}", "--out=.")]
    public void A_calibration_that_cannot_be_carried_out_leaves_nothing_behind(int exitCode, string message, params string[] options)
    {
        string[] before = folder.Entries();
        string[] filled = [.. options.Select(option => option.Replace("{0}", Repository.DigitsSamples, StringComparison.Ordinal))];
        Refused(exitCode, message, new ProgramRunner { WorkingDirectory = folder.Path }.Start(["calibrate", $"--in_graph={Repository.Digits}", "--samples=2", "--out=new.ranges", .. filled]), helps: false);
        Assert.Equal(before, folder.Entries());
    }

    [Theory]
    [InlineData("strip_unused_nodes(type=flot)", "Couldn't understand type argument 'flot'")]
    [InlineData("strip_unused_nodes(shape=1x2)", "'1x2' is not a shape")]
    [InlineData("strip_unused_nodes(name=x, type_for_name=float, shape_for_name=a)", "'a' is not a shape")]
    [InlineData("quantize_nodes(input_min=0)", "both input_min and input_max")]
    [InlineData("round_weights(num_steps=0)", "at least one step")]
    public void An_argument_that_no_graph_makes_right_is_refused_before_the_first_step(string script, string message)
    {
        ProgramResult result = Run("remove_nodes(op=Identity) " + script);
        Refused(2, message, result, helps: false);
        Assert.DoesNotContain("step 1", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_argument_of_a_step_that_ignores_errors_is_a_warning()
    {
        ProgramResult result = Run("strip_unused_nodes(type=flot, ignore_errors=true)");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("flot", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reproducer_that_cannot_be_kept_does_not_hide_the_failure()
    {
        ProgramResult result = Run("freeze_requantization_ranges(min_max_log_file=none.log)", $"--reproducer={folder["out.pb"]}");
        Refused(1, "No such file", result, helps: false);
        Assert.Contains("nothing could be kept", result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private void WriteImages(string name, string key, params long[] shape)
    {
        TensorShape dimensions = TensorShape.Of(shape);
        using FileStream stream = File.Create(folder[name]);
        NpzFile.Write(stream, [KeyValuePair.Create(key, Tensor.Create<float>(DataType.Float, dimensions, new float[dimensions.ElementCount]))]);
    }

    private ProgramResult Run(string script, params string[] options)
    {
        string[] given = script.Length == 0 ? [] : [$"--transforms={script}"];
        return new ProgramRunner { WorkingDirectory = folder.Path }.Start(
            [$"--in_graph={Repository.Digits}", "--out_graph=out.pb", "--inputs=Placeholder", "--outputs=DigitsNet/Predictions/Reshape_1", .. given, .. options]);
    }

    private void Refused(int exitCode, string message, ProgramResult result, params string[] besides) => Refused(exitCode, message, result, helps: true, besides);

    private void Refused(int exitCode, string message, ProgramResult result, bool helps, params string[] besides)
    {
        Assert.True(exitCode == result.ExitCode, $"ended with {result.ExitCode}, not {exitCode}: {result.Error}");
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n'), line => line.StartsWith("error TFX", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        if (helps)
            Assert.Contains("\n  help: ", result.Error, StringComparison.Ordinal);
        Assert.Equal(Old, File.ReadAllText(folder["out.pb"]));
        Assert.DoesNotContain(folder.Entries().Except(besides), entry => entry.EndsWith(".tmp", StringComparison.Ordinal));
    }
}
