using System.Text.Json;
using TransformFramework.Keras.Configuration;
using TransformFramework.Keras.Layers;
using TransformFramework.ModelFiles;

namespace TransformFramework.Keras.Reading;

/// <summary>Reads models from HDF5: the configuration in an attribute, weights in <c>model_weights</c>.</summary>
internal static class LegacyReader
{
    private const string Weights = "model_weights";

    /// <summary>Reads a file.</summary>
    /// <exception cref="KerasException">It is damaged, holds weights only, or has layers that are not known.</exception>
    public static ModelContent Read(ModelSourceFile file, ModelReadOptions options, CancellationToken cancellation)
    {
        H5Archive archive = H5Archive.Open(file, "the HDF5 file");
        string? text = archive.TextAttribute("", "model_config");
        if (text is null)
            throw NoConfiguration(archive);
        JsonElement configuration = JsonText.Parse(text, "model_config");
        string version = archive.TextAttribute("", "keras_version") ?? "";
        ModelTrace trace = ModelTrace.Of(configuration, version, cancellation);
        if (!archive.Exists(Weights))
            throw new KerasException(KerasDiagnostics.MissingPart, $"the group {Weights} is missing: the file has a configuration without weights", "Save the whole model, not its configuration alone.");
        LegacyWeights.Bind(trace.Model, layer => Names(archive, layer), (layer, name) => archive.Read(PathOf(archive, layer, name)));
        return trace.Finish(options, version.Length == 0 ? "Keras" : "Keras " + version);
    }

    private static IReadOnlyList<string>? Names(H5Archive archive, Layer layer)
    {
        string group = Weights + "/" + layer.Name;
        if (!archive.Exists(group))
            return null;
        return archive.NamesAttribute(group, "weight_names") ?? throw KerasException.Weight($"{layer.Configuration.Owner}: its group has no attribute weight_names");
    }

    private static string PathOf(H5Archive archive, Layer layer, string name)
    {
        string path = $"{Weights}/{layer.Name}/{name}";
        return archive.Exists(path) ? path : throw KerasException.Weight($"{layer.Configuration.Owner}: its weight '{name}' is not in the file");
    }

    private static KerasException NoConfiguration(H5Archive archive)
    {
        bool hasWeights = archive.NamesAttribute("", "layer_names") is not null || archive.Exists(Weights) || archive.Exists("layers") || archive.Exists("_layer_checkpoint_dependencies");
        return hasWeights
            ? new(KerasDiagnostics.WeightsOnly, "the file holds weights only: no model_config, which says what to compute with them", "Save the whole model: model.save(\"model.keras\").")
            : new(KerasDiagnostics.MissingPart, "the HDF5 file holds no Keras model: the attribute model_config is missing", "Give the file that model.save wrote.");
    }
}
