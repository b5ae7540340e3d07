using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Configuration;
using TransformFramework.Keras.Reading;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.WeightManifests;

namespace TransformFramework.Keras;

/// <summary>Reads layers models of TensorFlow.js: <c>model.json</c> with the configuration of a Keras model, weights in shards beside it.</summary>
[ModelFormat("tfjs-layers", ".json")]
public sealed class TfJsLayersFormat : IModelSourceReader
{
    /// <inheritdoc/>
    public bool Recognizes(ModelSource source) => TfJsFile.KindOf(source) == TfJsKind.Layers;

    /// <inheritdoc/>
    public ModelContent Read(ModelSource source, ModelReadOptions options, CancellationToken cancellation)
    {
        try
        {
            ModelSourceFile file = TfJsFile.Find(source) ?? throw new KerasException(KerasDiagnostics.MissingPart, "the folder has no model.json");
            return Read(TfJsFile.Parse(file), source, options, cancellation);
        }
        catch (KerasException error)
        {
            throw new ModelFormatException($"'{source.Path}': {error.Message}", error) { DiagnosticId = error.Kind.Id, Suggestion = error.Suggestion };
        }
        catch (ModelFormatException error) when (!error.Message.Contains(source.Path, StringComparison.Ordinal))
        {
            throw new ModelFormatException($"'{source.Path}': {error.Message}", error) { DiagnosticId = error.DiagnosticId, Suggestion = error.Suggestion };
        }
    }

    private static ModelContent Read(JsonElement json, ModelSource source, ModelReadOptions options, CancellationToken cancellation)
    {
        ConfigurationObject topology = new ConfigurationObject(json, "model.json").Object("modelTopology");
        JsonElement configuration = topology.Find("model_config") switch
        {
            null => topology.Element,
            { ValueKind: JsonValueKind.String } text => JsonText.Parse(text.GetString()!, "model_config"),
            var config => config.Value,
        };
        string version = topology.Text("keras_version", "");
        ModelTrace trace = ModelTrace.Of(configuration, version.StartsWith("tfjs", StringComparison.Ordinal) ? "" : version, cancellation);
        WeightManifest manifest = WeightManifest.Parse(json, "");
        IReadOnlyDictionary<string, Tensor> weights = manifest.Read(source, cancellation);
        ManifestWeights.Bind(trace.Model, [.. manifest.Weights.Select(weight => weight.Name)], weights);
        return trace.Finish(options, json.TryGetProperty("convertedBy", out JsonElement converter) && converter.ValueKind == JsonValueKind.String ? converter.GetString()! : "TensorFlow.js");
    }
}
