using System.Text.Json;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>Ranges of tensors from samples of every kind.</summary>
public sealed class CalibrateTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Ranges_are_found_on_rows_of_an_archive_and_on_a_folder_of_images()
    {
        Assert.Equal(30, Samples(Calibrate("rows.ranges", $"--data={Repository.DigitsSamples}", "--samples=30")));
        Assert.Equal(10, Samples(Calibrate("images.ranges", $"--data={Repository.PathOf("examples/01-digits/images")}?divide=255")));
        foreach (string file in (string[])["rows.ranges", "images.ranges"])
        {
            Dictionary<string, (double Min, double Max)> ranges = Ranges(file);
            Assert.Equal((0, 1), ranges["Placeholder"]);
            Assert.Equal(0, ranges["DigitsNet/Conv_0/Relu6"].Min);
            Assert.InRange(ranges["DigitsNet/Conv_0/Relu6"].Max, 3, 6);
            Assert.InRange(ranges["DigitsNet/Logits/BiasAdd"].Min, -30, -1);
        }
    }

    [Fact]
    public void Shards_merge_to_the_bytes_of_one_run()
    {
        string graph = Graph("graph.pb", "x = Placeholder() {dtype=float, shape=(?,4)}\ny = Square(x) {T=float}");
        Archive("first.npz", ("x", Numbers(3, 4)));
        Archive("second.npz", ("x", Numbers(2, 4, first: 12)));
        Archive("whole.npz", ("x", Numbers(5, 4)));
        foreach (string shard in (string[])["first", "second", "whole"])
            Run("calibrate", $"--in_graph={graph}", $"--data={shard}.npz", $"--out={shard}.ranges", "--method=entropy");
        Run("calibrate", "--out=merged.ranges", "--method=entropy", "--merge", "first.ranges", "second.ranges");
        Run("calibrate", $"--in_graph={graph}", "--data=second.npz", "--merge=first.ranges", "--out=beside.ranges", "--method=entropy");
        byte[] whole = File.ReadAllBytes(folder["whole.ranges"]);
        Assert.Equal(whole, File.ReadAllBytes(folder["merged.ranges"]));
        Assert.Equal(whole, File.ReadAllBytes(folder["beside.ranges"]));
    }

    [Fact]
    public void A_method_cuts_off_what_hardly_occurs()
    {
        string graph = Graph("graph.pb", "x = Placeholder() {dtype=float, shape=(1,50000)}\ny = Relu(x) {T=float}");
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, 50_000).Select(_ => (float)Enumerable.Range(0, 12).Sum(_ => random.NextDouble() - 0.5))];
        values[7] = 100;
        Archive("d.npz", ("x", Tensor.Create<float>(DataType.Float, TensorShape.Of(1, values.Length), values)));
        double End(string method, params string[] more)
        {
            Run(["calibrate", $"--in_graph={graph}", "--data=d.npz", "--out=d.ranges", $"--method={method}", .. more]);
            return Ranges("d.ranges")["x"].Max;
        }
        Assert.Equal(100, End("min_max"));
        Assert.InRange(End("percentile"), 3, 6);
        Assert.InRange(End("percentile", "--percentile=90"), 1, 2.5);
        Assert.InRange(End("mean_squared_error"), 3, 80);
        Assert.InRange(End("entropy"), 2, 50);
    }

    [Fact]
    public void A_graph_of_several_inputs_takes_arrays_of_their_names_from_one_archive_or_a_folder_of_them()
    {
        string graph = Graph("graph.pb", "in/a = Placeholder() {dtype=float, shape=(?,2)}\nb = Placeholder() {dtype=float, shape=(?,2)}\ny = Sub(in/a, b) {T=float}");
        Archive("d.npz", ("in__a", Numbers(3, 2)), ("b", Numbers(3, 2, first: 10)));
        Directory.CreateDirectory(folder["shards"]);
        Archive("shards/0.npz", ("in__a", Numbers(1, 2)), ("b", Numbers(1, 2, first: 10)));
        Archive("shards/1.npz", ("in__a", Numbers(2, 2, first: 2)), ("b", Numbers(2, 2, first: 12)));
        Run("calibrate", $"--in_graph={graph}", "--data=d.npz", "--out=d.ranges");
        Run("calibrate", $"--in_graph={graph}", "--data=shards", "--out=shards.ranges");
        Assert.Equal((-10, -10), Ranges("d.ranges")["y"]);
        Assert.Equal((10, 15), Ranges("d.ranges")["b"]);
        Assert.Equal(File.ReadAllBytes(folder["d.ranges"]), File.ReadAllBytes(folder["shards.ranges"]));
        ProgramResult lacking = Start("calibrate", $"--in_graph={graph}", $"--data={Archive("half.npz", ("b", Numbers(1, 2)))}", "--out=half.ranges");
        Assert.NotEqual(0, lacking.ExitCode);
        Assert.Contains("in/a", lacking.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["half.ranges"]));
    }

    [Fact]
    public void Sounds_are_samples()
    {
        string graph = Graph("graph.pb", "wav = Placeholder() {dtype=float, shape=(?,1)}\ny = Abs(wav) {T=float}");
        Directory.CreateDirectory(folder["sounds"]);
        folder.Write("sounds/a.wav", Wave(0, 16384));
        folder.Write("sounds/b.wav", Wave(-8192));
        Assert.Equal(2, Samples(Run("calibrate", $"--in_graph={graph}", "--data=sounds", "--out=d.ranges", "--format=json")));
        Assert.Equal((-0.25, 0.5), Ranges("d.ranges")["wav"]);
        Assert.Equal((0, 0.5), Ranges("d.ranges")["y"]);
    }

    [Fact]
    public void Numbers_that_are_none_are_left_out_with_a_warning()
    {
        string graph = Graph("graph.pb", "x = Placeholder() {dtype=float, shape=(?,2)}\nl = Log(x) {T=float}\ny = Neg(l) {T=float}");
        Archive("d.npz", ("x", Tensor.Create<float>(DataType.Float, TensorShape.Of(2, 2), [1, -1, 0, 1])));
        ProgramResult result = Run("calibrate", $"--in_graph={graph}", "--data=d.npz", "--out=d.ranges");
        Assert.Contains("warning TFX5020: 'l' had 2 NaN or infinite numbers", result.Error, StringComparison.Ordinal);
        Assert.Equal((0, 0), Ranges("d.ranges")["l"]);
        Assert.Equal("", Run("calibrate", $"--in_graph={graph}", "--data=d.npz", "--out=d.ranges", "--quiet").Error);
    }

    [Fact]
    public void A_sample_that_holds_NaN_is_named()
    {
        string graph = Graph("graph.pb", "x = Placeholder() {dtype=float, shape=(?,2)}\ny = Neg(x) {T=float}");
        Archive("d.npz", ("x", Tensor.Create<float>(DataType.Float, TensorShape.Of(2, 2), [1, 2, 3, float.NaN])));
        ProgramResult result = Start("calibrate", $"--in_graph={graph}", "--data=d.npz", "--out=d.ranges");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("sample 1 of 'd.npz' (input x) holds NaN", result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static int Samples(ProgramResult result)
    {
        using JsonDocument report = JsonDocument.Parse(result.Output);
        Assert.Equal(1, report.RootElement.GetProperty("schema_version").GetInt32());
        return report.RootElement.GetProperty("samples").GetInt32();
    }

    private static Tensor Numbers(int rows, int columns, int first = 0) =>
        Tensor.Create<float>(DataType.Float, TensorShape.Of(rows, columns), [.. Enumerable.Range(first, rows * columns).Select(i => (float)i)]);

    /// <summary>A file of one channel at 16 kHz.</summary>
    private static byte[] Wave(params short[] samples)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("RIFF"u8);
        writer.Write(36 + (2 * samples.Length));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(16_000);
        writer.Write(32_000);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(2 * samples.Length);
        foreach (short sample in samples)
            writer.Write(sample);
        return stream.ToArray();
    }

    private ProgramResult Calibrate(string file, params string[] more) => Run(["calibrate", $"--in_graph={Repository.Digits}", $"--out={folder[file]}", "--format=json", .. more]);

    private Dictionary<string, (double Min, double Max)> Ranges(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(folder[file]));
        return document.RootElement.GetProperty("tensors").EnumerateArray().ToDictionary(
            tensor => tensor.GetProperty("name").GetString()!,
            tensor => (Number(tensor, "min"), Number(tensor, "max")),
            StringComparer.Ordinal);

        static double Number(JsonElement tensor, string name) => tensor.TryGetProperty(name, out var value) ? value.GetDouble() : 0;
    }

    private string Graph(string name, string text)
    {
        ModelFile.Save(GraphText.Parse(text), folder[name], asText: false, CancellationToken.None);
        return folder[name];
    }

    private string Archive(string name, params (string Name, Tensor Array)[] arrays)
    {
        using FileStream stream = File.Create(folder[name]);
        NpzFile.Write(stream, arrays.Select(array => KeyValuePair.Create(array.Name, array.Array)));
        return folder[name];
    }

    private ProgramResult Run(params string[] arguments)
    {
        ProgramResult result = Start(arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        return result;
    }

    private ProgramResult Start(params string[] arguments) => new ProgramRunner { WorkingDirectory = folder.Path }.Start(arguments);
}
