using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Toolkit.Tests.Ops.Releases;

/// <summary>Graphs that the original made of real models: TensorFlow 1.15 ran them, or said why it did not.</summary>
public sealed partial class ModelOracleTests
{
    /// <summary>Beginnings of what TensorFlow says when it loads a graph; other errors are those of kernels.</summary>
    private static readonly string[] Refusals = ["incompatible with expected", "Op type not registered", "expects to be colocated with unknown node"];

    private static readonly TensorFlowRelease Tf115 = TensorFlowRelease.Find("1.15")!;

    public static TheoryData<string> Models => [.. Lines().Select(line => line.GetProperty("model").GetString()!).Distinct().DefaultIfEmpty("")];

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void Agrees_with_what_loaded(string model)
    {
        Skip.If(model.Length == 0, "shared/oracle-models is missing");
        var wrong = new List<string>();
        foreach (JsonElement line in Lines().Where(line => line.GetProperty("model").GetString() == model))
        {
            string recipe = line.GetProperty("recipe").GetString()!;
            if (SharedFiles.Find($"oracle-models/{model}/{recipe}.condensed.pb.gz") is not { } file || !line.TryGetProperty("runs", out var runs))
                continue;
            var problems = ReleaseVerifier.Verify(Read(file), Tf115);
            string error = line.TryGetProperty("run_error", out var text) ? text.GetString() ?? "" : "";
            if (runs.GetBoolean() && problems.Length > 0)
                wrong.Add($"{recipe} loads, but: {problems[0]}");
            if (!runs.GetBoolean() && problems.Length == 0 && Refusals.Any(refusal => error.Contains(refusal, StringComparison.Ordinal)))
                wrong.Add($"{recipe} does not load: {error}");
        }
        Assert.Empty(wrong);
    }

    private static Graph Read(string file)
    {
        using var packed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        return GraphDefReader.Read(bytes.ToArray()).Select(WithTensor);
    }

    /// <summary>Large constants are described by a text, which holds their type.</summary>
    private static Node WithTensor(Node node) => node.TryString("value", out string? text) && Description().Match(text) is { Success: true } match
        ? node.With("value", Tensor.Create<byte>(DataType.UInt8, TensorShape.Of(1), [(byte)int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)]))
        : node;

    [GeneratedRegex("^sha256=.* dtype=([0-9]+)")]
    private static partial Regex Description();

    private static IEnumerable<JsonElement> Lines() =>
        SharedFiles.Find("oracle-models/index.jsonl") is { } index ? File.ReadLines(index).Select(line => JsonDocument.Parse(line).RootElement) : [];
}
