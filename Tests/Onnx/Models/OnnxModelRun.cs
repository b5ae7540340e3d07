using System.Collections.Immutable;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Models;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Onnx.Models;

/// <summary>Writes a real model as ONNX, whole or behind the cut that a refusal names, and runs it in ONNX Runtime beside our runtime.</summary>
internal sealed class OnnxModelRun(ModelRecord record, Graph original, Graph graph)
{
    private const string CutOption = "--inputs=";

    private ImmutableArray<string> inputs = [.. record.Inputs.Where(input => graph.Find(input) is not null)];

    /// <summary>Why the model begins behind a cut; null when it is whole.</summary>
    public string? Refusal { get; private set; }

    private bool IsCut => Refusal is not null;

    /// <summary>Bytes of the file.</summary>
    public byte[] File { get; private set; } = [];

    /// <summary>The stored feeds of a model; a line of program text for the model that has none.</summary>
    public static Dictionary<string, Tensor> Feeds(ModelRecord record, Graph original) => record.Golden("feeds.npz") is null
        ? new(StringComparer.Ordinal) { [record.Inputs[0]] = Tensor.FromStrings(TensorShape.Of(1), ["for i in range(10): print(i)"u8.ToArray()]) }
        : ModelFeeds.Read(record, original, 1);

    /// <summary>Writes the model; a refusal that names a cut is followed once.</summary>
    /// <exception cref="ModelFormatException">The model is refused, behind the cut too.</exception>
    public void Write()
    {
        try
        {
            File = Written();
        }
        catch (ModelFormatException error) when (error.Suggestion?.IndexOf(CutOption, StringComparison.Ordinal) is >= 0 and var start)
        {
            inputs = [.. error.Suggestion[(start + CutOption.Length)..].TrimEnd('.').Split(',')];
            Refusal = error.Message;
            File = Written();
        }
    }

    /// <summary>Runs the file and the graph on the model's feeds.</summary>
    public OutputDifference Compare()
    {
        var feeds = IsCut ? Cut() : Feeds(record, original);
        var expected = ModelRuns.Backend.Compile(graph, record.Outputs, new CompileOptions { Feeds = inputs }).Run(feeds);
        string[] taken = OnnxRun.InputsOf(File);
        var actual = OnnxRun.Run(File, feeds.Where(feed => taken.Contains(feed.Key, StringComparer.Ordinal)).ToDictionary(StringComparer.Ordinal));
        var difference = new OutputDifference();
        for (int i = 0; i < expected.Length; i++)
            difference.Add(IsNoNumber(expected[i]) && !IsNoNumber(actual[record.Outputs[i]]) && Reference(record.Outputs[i]) is { } reference ? reference : expected[i], actual[record.Outputs[i]]);
        return difference;
    }

    private static bool IsNoNumber(Tensor tensor) => tensor.Type == DataType.Float && tensor.AsSpan<float>().Contains(float.NaN);

    /// <summary>What another executor computed of an output, stored beside the model; for the model whose constants are no numbers in TensorFlow.</summary>
    private Tensor? Reference(string output)
    {
        string? path = SharedFiles.Find($"{Path.GetDirectoryName(record.File)}/ref/{output}.npy");
        return path is null ? null : NpyFile.Read(System.IO.File.ReadAllBytes(path));
    }

    private byte[] Written()
    {
        using var stream = new MemoryStream();
        new OnnxFormat().Write(graph, inputs, record.Outputs, stream, CancellationToken.None);
        return stream.ToArray();
    }

    private Dictionary<string, Tensor> Cut()
    {
        var values = ModelRuns.Backend.Compile(original, inputs, new CompileOptions { Feeds = record.Inputs }).Run(Feeds(record, original));
        return inputs.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
    }
}
