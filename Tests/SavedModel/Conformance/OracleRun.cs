using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using TransformFramework.Cpu;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.SavedModel.Tests.Conformance;

/// <summary>Reads a model of the oracle for one signature, runs it, and compares.</summary>
internal static class OracleRun
{
    /// <summary>Null when the case answers as it should, else what it does instead.</summary>
    public static string? Check(string name, string signature)
    {
        OracleCase test = OracleCase.Read(name);
        JsonNode expected = test.Expect(signature);
        Dictionary<string, Tensor>? outputs = null;
        string? error = null;
        try
        {
            outputs = Run(test, signature);
        }
        catch (Exception failure) when (failure is ModelFormatException or ExecutionException)
        {
            error = failure.Message;
        }
        string[]? words = Words(expected, "error");
        string[]? choice = Words(expected, "error_any_of") ?? Words(expected, "outputs_or_error");
        bool mayAnswer = expected.GetValueKind() == JsonValueKind.String || expected["outputs_or_error"] is not null;
        if (error is null)
            return mayAnswer ? Differences(test, signature, outputs!) : "it ran where a refusal is due";
        if (words is not null)
            return words.All(word => error.Contains(word, StringComparison.Ordinal)) ? null : $"the message lacks {string.Join(", ", words)}: {error}";
        return choice is not null && choice.Any(word => error.Contains(word, StringComparison.Ordinal)) ? null : $"refused: {error}";
    }

    private static string[]? Words(JsonNode expected, string key) =>
        expected.GetValueKind() == JsonValueKind.Object && expected[key] is JsonArray words ? [.. words.Select(word => word!.GetValue<string>())] : null;

    private static Dictionary<string, Tensor> Run(OracleCase test, string signature)
    {
        using ModelSource place = ModelSources.Open(test.Model, CancellationToken.None);
        using ModelSource? archive = place.Main is { } file ? ArchiveSource.TryOpen(file, test.Model, CancellationToken.None) : null;
        ModelSource source = archive ?? place;
        bool isGiven = signature == "given";
        var outputs = test.Given(signature, "outputs");
        ModelContent model = Read(source, new ModelReadOptions
        {
            Signature = isGiven || signature == "*" ? null : signature,
            Tags = [.. test.Tags],
            FixedInputs = test.Fixed.ToImmutableDictionary(),
            Outputs = isGiven ? [.. outputs.Values] : [],
        });
        var inputTensors = isGiven ? test.Given(signature, "inputs") : model.Signature!.Inputs.ToDictionary(input => input.Name, input => input.Tensor, StringComparer.Ordinal);
        var outputTensors = isGiven ? outputs : model.Signature!.Outputs.ToDictionary(output => output.Name, output => output.Tensor, StringComparer.Ordinal);
        var feeds = test.Arrays("feeds.npz", signature).ToDictionary(feed => TensorOf(inputTensors, feed.Key), feed => feed.Value, StringComparer.Ordinal);
        string[] wanted = [.. outputTensors.Values];
        IExecutable executable = new CpuBackend().Compile(model.Graph, wanted, new CompileOptions { Feeds = [.. feeds.Keys] });
        ImmutableArray<Tensor> results = executable.Run(feeds);
        return outputTensors.Keys.Zip(results).ToDictionary(pair => pair.First.Replace("/", "__", StringComparison.Ordinal), pair => pair.Second, StringComparer.Ordinal);
    }

    /// <summary>What the reader does not recognize is a GraphDef.</summary>
    private static ModelContent Read(ModelSource source, ModelReadOptions options)
    {
        var format = new SavedModelFormat();
        if (source.Main is null || source is ArchiveSource || format.Recognizes(source))
            return format.Read(source, options, CancellationToken.None);
        using LoadedModel model = ModelFile.Open(source.Path, CancellationToken.None);
        return new(model.Graph);
    }

    private static string TensorOf(Dictionary<string, string> tensors, string name) =>
        tensors.FirstOrDefault(tensor => tensor.Key.Replace("/", "__", StringComparison.Ordinal) == name).Value ?? name.Replace("__", "/", StringComparison.Ordinal);

    private static string? Differences(OracleCase test, string signature, Dictionary<string, Tensor> outputs)
    {
        foreach (var (name, wanted) in test.Arrays("outputs.npz", signature))
        {
            if (!outputs.TryGetValue(name, out Tensor? given))
                return $"no output {name}; there are {string.Join(", ", outputs.Keys)}";
            if (OutputComparison.Difference(wanted, given, test.Relative, test.Absolute) is { } difference)
                return $"{name}: {difference}";
        }
        return null;
    }
}
