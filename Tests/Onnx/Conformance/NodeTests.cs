using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Model;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Onnx.Conformance;

/// <summary>The standard's own tests of operators: folders with a model, inputs and outputs as <c>TensorProto</c> files.</summary>
internal static class NodeTests
{
    /// <summary>The difference that the standard's own runner allows.</summary>
    private const double Tolerance = 1e-3;

    public static IEnumerable<ConformanceCase> Of(string folder) =>
        from path in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
        select new ConformanceCase(Path.GetFileName(path), Path.Combine(path, "model.onnx"), Tolerance, signature => Runs(path, signature));

    private static IEnumerable<ConformanceFeed> Runs(string folder, ModelSignature signature)
    {
        foreach (string set in Directory.EnumerateDirectories(folder, "test_data_set_*").Order(StringComparer.Ordinal))
            yield return new(Tensors(set, "input", [.. signature.Inputs.Select(input => input.Name)]), Tensors(set, "output", [.. signature.Outputs.Select(output => output.Name)]));
    }

    private static Dictionary<string, Tensor> Tensors(string set, string kind, string[] names) =>
        names.Select((name, i) => (name, path: Path.Combine(set, $"{kind}_{i}.pb"))).Where(pair => File.Exists(pair.path))
            .ToDictionary(pair => pair.name, pair => new TensorDecoder(null).Decode(new WireReader(File.ReadAllBytes(pair.path))).Value, StringComparer.Ordinal);
}
