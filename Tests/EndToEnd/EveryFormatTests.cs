using System.IO.Compression;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>
/// Small nets of every format that is read, through the commands that take a model: a keyword net as Keras 2's .h5, Keras 3's .keras and TensorFlow.js layers, a residual net as Keras 3's SavedModel, a classifier
/// as TensorFlow Lite, a mobile net as ONNX of PyTorch.
/// </summary>
public sealed class EveryFormatTests : IDisposable
{
    private const double Tolerance = 1e-4;

    private readonly TemporaryFolder folder = new();

    /// <summary>Path within the archive, public name and shape of the input, name of the output.</summary>
    public static TheoryData<string, string, long[], string> Models => new()
    {
        { "saved_model", "image", [1, 12, 12, 3], "output_0" },
        { "model.h5", "mfcc", [1, 49, 10, 1], "label" },
        { "model.keras", "mfcc", [1, 49, 10, 1], "label" },
        { "tfjs", "mfcc", [1, 49, 10, 1], "label" },
        { "model.tflite", "image", [1, 8, 8, 1], "PartitionedCall:0" },
        { "model.onnx", "x0", [1, 8, 10, 10], "30" },
    };

    public EveryFormatTests()
    {
        ZipFile.ExtractToDirectory(Path.Combine(AppContext.BaseDirectory, "Models", "formats.zip"), folder.Path);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_command_takes_the_model(string model, string input, long[] shape, string output)
    {
        WriteSamples(input, shape);

        Assert.Contains($"input   {input}", Done("summarize", model), StringComparison.Ordinal);
        float[] expected = Run(model, input, output);
        Done("convert", model, "--out=out.pb");
        Assert.Equal(expected, Run("out.pb", Renamed("out.pb"), null), (a, b) => Math.Abs(a - b) <= Tolerance);
        Done("quantize", model, "--data=samples.npz", "--out=int8.pb", "--method=min_max", "--equalize=false", "--threshold=0");
        Assert.Equal(expected.Length, Run("int8.pb", Renamed("int8.pb"), null).Length);
        Assert.Contains("ms", Done("benchmark", model, $"--feed={input}=one.npy", "--runs=2", "--warmup_runs=1"), StringComparison.Ordinal);
    }

    /// <summary>Each model that users bring, with each format that they take away.</summary>
    public static TheoryData<string, string, long[], string, string> Conversions()
    {
        var data = new TheoryData<string, string, long[], string, string>();
        foreach (object[] model in Models.Where(model => (string)model[0] is "saved_model" or "model.h5" or "model.tflite"))
        {
            foreach (string target in (string[])["out.onnx", "out.tflite", "out/", "out.pbtxt"])
                data.Add((string)model[0], (string)model[1], (long[])model[2], (string)model[3], target);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Conversions))]
    public void A_model_is_converted_to_each_other_format(string model, string input, long[] shape, string output, string target)
    {
        WriteSamples(input, shape);
        float[] expected = Run(model, input, output);
        Done("convert", model, $"--out={target}");

        Assert.Equal(expected, Run(target, target == "out.pbtxt" ? Renamed(target) : input, null), (a, b) => Math.Abs(a - b) <= Tolerance);
    }

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void The_command_that_summarize_prints_works_when_it_is_pasted(string model, string input, long[] shape, string output)
    {
        Skip.If(OperatingSystem.IsWindows(), "the command is for a POSIX shell");
        WriteSamples(input, shape);
        string command = Done("summarize", model).TrimEnd().Split('\n')[^1].Trim();
        Assert.StartsWith("transform_graph ", command, StringComparison.Ordinal);
        ProgramResult pasted = new ProgramRunner { Program = "/bin/sh", WorkingDirectory = folder.Path }.Start("-c", $"'{Repository.Program}'{command["transform_graph".Length..]}");

        Assert.True(pasted.ExitCode == 0, pasted.Error);
        Assert.Equal(Run(model, input, output), Run("out.pb", Renamed("out.pb"), null), (a, b) => Math.Abs(a - b) <= Tolerance);
    }

    public void Dispose() => folder.Dispose();

    private string Done(params string[] arguments)
    {
        ProgramResult result = new ProgramRunner { WorkingDirectory = folder.Path }.Start(arguments);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)}: {result.Error}");
        return result.Output;
    }

    /// <summary>The values of the output, or of the only one.</summary>
    private float[] Run(string model, string input, string? output)
    {
        Done("run", model, $"--feed={input}=one.npy", "--save=result.npz", "--quiet");
        using FileStream stream = File.OpenRead(folder["result.npz"]);
        var arrays = NpzFile.Read(stream);
        return (output is null ? arrays.Values.Single() : arrays[output]).ToSingles();
    }

    /// <summary>The placeholder of a GraphDef with one input.</summary>
    private string Renamed(string graph) => Done("summarize", graph).Split("name=", 2)[1].Split(',')[0];

    private void WriteSamples(string input, long[] shape)
    {
        const int Count = 4;
        var random = new Random(3);
        Tensor samples = Tensor.Create<float>(DataType.Float, TensorShape.Of([Count, .. shape[1..]]), [.. Enumerable.Range(0, Count * (int)shape.Aggregate((a, b) => a * b)).Select(_ => random.NextSingle())]);
        using (FileStream stream = File.Create(folder["samples.npz"]))
            NpzFile.Write(stream, [KeyValuePair.Create(input, samples)]);
        File.WriteAllBytes(folder["one.npy"], NpyFile.Write(Tensor.FromContent(DataType.Float, TensorShape.Of(shape), samples.Bytes[..(samples.Bytes.Length / Count)])));
    }
}
