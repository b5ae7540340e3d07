using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>Models of several formats and packings, through the program.</summary>
public sealed class ModelFormatTests : IDisposable
{
    private const string Output = "DigitsNet/Predictions/Reshape_1";

    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("model.zip")]
    [InlineData("model.tar")]
    [InlineData("model.tar.gz")]
    public void A_graph_in_an_archive_beside_other_files_runs_as_the_file_does(string archive)
    {
        Pack(archive);

        Assert.Equal(Scores(Repository.Digits), Scores(folder[archive]));
    }

    [Fact]
    public void An_archive_that_leads_out_of_itself_is_refused_and_writes_nothing()
    {
        using (ZipArchive zip = ZipFile.Open(folder["bad.zip"], ZipArchiveMode.Create))
            zip.CreateEntryFromFile(Repository.Digits, "../evil.pb");
        ProgramResult result = Run("summarize", "bad.zip");

        Assert.Equal(4, result.ExitCode);
        Assert.Contains("leads out of the archive", result.Error, StringComparison.Ordinal);
        Assert.Equal(["bad.zip"], folder.Entries());
    }

    [Fact]
    public void A_sparse_entry_of_an_archive_is_refused_by_the_archives_name()
    {
        const int type = 156, sum = 148, sumLength = 8, headerLength = 512;
        Pack("model.tar");
        byte[] tar = File.ReadAllBytes(folder["model.tar"]);
        tar[type] = (byte)'S';
        tar.AsSpan(sum, sumLength).Fill((byte)' ');
        string digits = Convert.ToString(tar.Take(headerLength).Sum(value => value), 8).PadLeft(6, '0');
        System.Text.Encoding.ASCII.GetBytes(digits + "\0").CopyTo(tar, sum);
        File.WriteAllBytes(folder["model.tar"], tar);
        ProgramResult result = Run("summarize", "model.tar");

        Assert.Equal(4, result.ExitCode);
        Assert.Contains("the archive 'model.tar' cannot be read", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("out.pbtxt", "node {")]
    [InlineData("out.pb", "\n")]
    [InlineData("out.tflite", "")]
    public void The_ending_names_the_format_for_every_command_that_writes(string name, string head)
    {
        foreach (string[] command in new string[][] { ["convert"], ["--inputs=Placeholder", $"--outputs={Output}", "--transforms=strip_unused_nodes"] })
        {
            ProgramResult result = Run([.. command, $"--in_graph={Repository.Digits}", $"--out={name}"]);
            Assert.True(result.ExitCode == 0, result.Error);
            Assert.Contains($"{name}: ", result.Output, StringComparison.Ordinal);
            Assert.StartsWith(head, File.ReadAllText(folder[name]), StringComparison.Ordinal);
        }
        Assert.Equal([name], folder.Entries());
    }

    [Theory]
    [InlineData("model.pb")]
    [InlineData("--in_graph=model.pb")]
    public void Options_of_a_format_reach_its_writer(string model)
    {
        File.Copy(Repository.Digits, folder["model.pb"]);
        ProgramResult result = Run("convert", model, "--out_graph=out.tflite", "--describe=out.txt", "--c_array=out.cc", "--weights=float16");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("resolver: ", File.ReadAllText(folder["out.txt"]), StringComparison.Ordinal);
        Assert.StartsWith("alignas(16) const unsigned char", File.ReadAllText(folder["out.cc"]), StringComparison.Ordinal);
        Assert.InRange(new FileInfo(folder["out.tflite"]).Length, 1, new FileInfo(Repository.Digits).Length * 6 / 10);
    }

    [Fact]
    public void An_option_that_no_format_has_is_refused_by_name()
    {
        ProgramResult result = Run("convert", Repository.Digits, "--out_graph=out.onnx", "--opst=18");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("unknown option '--opst'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_was_converted_runs_by_the_names_of_the_one_before()
    {
        Run("convert", Repository.Digits, "--out=out.tflite");

        Assert.Equal(Scores(Repository.Digits), Scores(folder["out.tflite"]), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Theory]
    [InlineData("--out=out.xyz", "no plugin writes files that end in '.xyz'")]
    [InlineData("--out=none/out.pb", "there is no folder")]
    [InlineData("--out_format=none", "no plugin writes the format 'none'")]
    [InlineData("--bogus=1", "unknown option '--bogus'")]
    public void What_cannot_be_written_is_refused_before_the_model_is_read(string option, string message)
    {
        string[] target = option.StartsWith("--out=", StringComparison.Ordinal) ? [option] : ["--out=out.pb", option];
        ProgramResult result = Run(["convert", "--in_graph=none.pb", .. target]);

        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(folder.Entries());
    }

    [Fact]
    public void A_fixed_input_needs_no_feed()
    {
        folder.Write("g.pbtxt", """
            node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } attr { key: "shape" value { shape { dim { size: 2 } } } } }
            node { name: "on" op: "Placeholder" attr { key: "dtype" value { type: DT_BOOL } } attr { key: "shape" value { shape { } } } }
            node { name: "n" op: "Neg" input: "x" attr { key: "T" value { type: DT_FLOAT } } }
            node { name: "y" op: "Select" input: "on" input: "x" input: "n" attr { key: "T" value { type: DT_FLOAT } } }
            """);

        Assert.Contains("y float [2] [-1, -2]", Run("run", "g.pbtxt", "--feed=x=1,2", "--set=on=false").Output, StringComparison.Ordinal);
        Assert.Contains("y float [2] [1, 2]", Run("run", "g.pbtxt", "--feed", "x = [1, 2]", "--set", "on=true").Output, StringComparison.Ordinal);
        Assert.Contains("has no value", Run("run", "g.pbtxt", "--feed=x=1,2").Error, StringComparison.Ordinal);
        Assert.Equal(2, Run("run", "g.pbtxt", "--feed=x=1,2", "--set=none=1").ExitCode);
    }

    [Fact]
    public void A_single_output_is_saved_as_an_array()
    {
        Assert.Equal(0, Run("run", Repository.Digits, "--feed=Placeholder=random:1", "--save=out.npy", "--quiet").ExitCode);
        Assert.Equal("[1,10]", NpyFile.Read(File.ReadAllBytes(folder["out.npy"])).Shape.ToString());
    }

    [Fact]
    public void A_failure_is_an_object_where_results_are_objects()
    {
        ProgramResult result = Run("run", "none.pb", "--json");
        using JsonDocument report = JsonDocument.Parse(result.Output);

        Assert.Equal(4, result.ExitCode);
        Assert.Equal("TFX4003", report.RootElement.GetProperty("error").GetProperty("id").GetString());
        Assert.Contains("error TFX4003", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_is_an_object_a_line_on_request()
    {
        ProgramResult result = Run("calibrate", $"--in_graph={Repository.Digits}", $"--data={Repository.DigitsSamples}", "--samples=3", "--out=d.ranges", "--progress=json");
        string last = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        using JsonDocument report = JsonDocument.Parse(last);

        Assert.Equal("calibrating", report.RootElement.GetProperty("phase").GetString());
    }

    public void Dispose() => folder.Dispose();

    private ProgramResult Run(params string[] arguments) => new ProgramRunner { WorkingDirectory = folder.Path }.Start(arguments);

    private float[] Scores(string model)
    {
        ProgramResult result = Run("run", $"--in_graph={model}", "--feed=Placeholder=random:1?shape=1x32x32x1", $"--outputs={Output}", "--save=scores.npz", "--quiet");
        Assert.True(result.ExitCode == 0, result.Error);
        using FileStream file = File.OpenRead(folder["scores.npz"]);
        return NpzFile.Read(file)[Output.Replace("/", "__", StringComparison.Ordinal)].ToSingles();
    }

    private void Pack(string archive)
    {
        string source = Directory.CreateDirectory(folder["source"]).FullName;
        Directory.CreateDirectory(Path.Combine(source, "model"));
        File.Copy(Repository.Digits, Path.Combine(source, "model", "digits.pb"));
        File.WriteAllText(Path.Combine(source, "model", "labels.txt"), "0\n1\n");
        if (archive.EndsWith(".zip", StringComparison.Ordinal))
        {
            ZipFile.CreateFromDirectory(source, folder[archive]);
            return;
        }
        using FileStream file = File.Create(folder[archive]);
        using Stream packed = archive.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Compress) : file;
        TarFile.CreateFromDirectory(source, packed, includeBaseDirectory: false);
    }
}
