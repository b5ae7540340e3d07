using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras;
using TransformFramework.Keras.Tests;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.TfJs.Tests;

/// <summary>Reads TensorFlow.js models, layers and graphs, and compares with what Keras computed: a share beside the tests, and the oracle's others.</summary>
public sealed class ConformanceTests
{
    private static readonly string Data = Path.Combine(AppContext.BaseDirectory, "Data");

    public static TheoryData<string, string, double> Packed => Read(Data);

    public static TheoryData<string, string, double> Others => SharedFiles.Find("oracle-keras/tfjs") is { } folder ? Read(folder) : new() { { "", "", 0 } };

    [Theory]
    [MemberData(nameof(Packed))]
    public void A_packed_model_gives_the_outputs_of_Keras(string folder, string format, double tolerance) => AssertEqual(Path.Combine(Data, folder), format, tolerance);

    [SkippableTheory]
    [MemberData(nameof(Others))]
    public void A_model_of_the_oracle_gives_the_outputs_of_Keras(string folder, string format, double tolerance)
    {
        Skip.If(folder.Length == 0, "../shared/oracle-keras is missing");
        AssertEqual(Path.Combine(SharedFiles.Find("oracle-keras/tfjs")!, folder), format, tolerance);
    }

    [Theory]
    [MemberData(nameof(Packed))]
    public void A_folder_is_read_like_its_file(string folder, string format, double tolerance)
    {
        Assert.True(tolerance > 0);
        string path = Path.Combine(Data, folder);
        using FileSystemSource whole = FileSystemSource.Open(path, CancellationToken.None);
        using FileSystemSource file = FileSystemSource.Open(Path.Combine(path, "model.json"), CancellationToken.None);
        Graph left = Read(whole, format).Graph;
        Graph right = Read(file, format).Graph;
        Assert.Equal(left.Nodes.Select(node => node.Name), right.Nodes.Select(node => node.Name));
        Assert.DoesNotContain(left.Nodes, node => node.Op.Contains("Fused", StringComparison.Ordinal) && !node.Op.StartsWith("FusedBatchNorm", StringComparison.Ordinal));
    }

    internal static ModelContent Read(ModelSource source, string format)
    {
        IModelSourceReader[] readers = [new TfJsFormat(), new TfJsLayersFormat(), new KerasFormat()];
        IModelSourceReader reader = Assert.Single(readers, reader => reader.Recognizes(source));
        Assert.Equal(format == "graph-model", reader is TfJsFormat);
        return reader.Read(source, ModelReadOptions.Default, CancellationToken.None);
    }

    private static void AssertEqual(string folder, string format, double tolerance)
    {
        using FileSystemSource source = FileSystemSource.Open(Path.Combine(folder, "model.json"), CancellationToken.None);
        ModelContent content = Read(source, format);
        using FileStream stream = File.OpenRead(Path.Combine(folder, "outputs.npz"));
        IReadOnlyDictionary<string, Tensor> values = NpzFile.Read(stream);
        Assert.Null(ModelComparison.Compare(content, format == "graph-model" ? InGraphOrder(content, values) : values, [], tolerance));
    }

    /// <summary>The answers in the order of a traced function, which goes by the names of the layers; the oracle's go by the model, where <c>same</c> comes before <c>dot</c>.</summary>
    private static IReadOnlyDictionary<string, Tensor> InGraphOrder(ModelContent content, IReadOnlyDictionary<string, Tensor> values)
    {
        if (content.Signature!.Outputs is not [{ Name: "Identity" }, { Name: "Identity_1" }])
            return values;
        return new Dictionary<string, Tensor>(values, StringComparer.Ordinal) { ["out.0"] = values["out.1"], ["out.1"] = values["out.0"] };
    }

    private static TheoryData<string, string, double> Read(string folder)
    {
        var models = new TheoryData<string, string, double>();
        foreach (string line in File.ReadLines(Path.Combine(folder, "index.jsonl")))
        {
            JsonElement entry = JsonDocument.Parse(line).RootElement;
            models.Add(Path.GetFileName(entry.GetProperty("folder").GetString()!), entry.GetProperty("format").GetString()!, entry.GetProperty("tol").GetDouble());
        }
        return models;
    }
}
