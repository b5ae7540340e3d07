using System.Text.Json;
using TransformFramework.Keras.Configuration;
using TransformFramework.Keras.Layers;
using TransformFramework.ModelFiles;

namespace TransformFramework.Keras.Reading;

/// <summary>Reads models from zips: <c>config.json</c>, <c>metadata.json</c>, <c>model.weights.h5</c>, <c>assets/</c>.</summary>
internal static class KerasArchive
{
    private const string ConfigurationName = "config.json";
    private const string MetadataName = "metadata.json";
    private const string WeightsName = "model.weights.h5";

    /// <summary>The folder in a zip that holds a model, with its last slash; null when there is none.</summary>
    public static string? FolderOf(ZipDirectory zip)
    {
        string[] names = [.. zip.Names];
        string[] folders = [.. names.Where(name => Path.GetFileName(name) is MetadataName or ConfigurationName or WeightsName).Select(name => name[..(name.LastIndexOf('/') + 1)])];
        return folders.GroupBy(folder => folder, StringComparer.Ordinal).Where(group => group.Count() >= 2).Select(group => group.Key).OrderBy(folder => folder.Length).FirstOrDefault();
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="KerasException">It is damaged or has layers that are not known.</exception>
    public static ModelContent Read(ModelSourceFile file, ModelReadOptions options, CancellationToken cancellation)
    {
        ZipDirectory zip = ZipDirectory.Open(file);
        string folder = FolderOf(zip) ?? throw new KerasException(KerasDiagnostics.MissingPart, "the zip holds no Keras model: config.json and model.weights.h5 are missing", "Give the file that model.save wrote.");
        string text = zip.Text(folder + ConfigurationName) ?? throw Missing(ConfigurationName);
        string version = VersionOf(zip.Text(folder + MetadataName));
        ModelTrace trace = ModelTrace.Of(JsonText.Parse(text, ConfigurationName), version, cancellation);
        ModelSourceFile weights = zip.Find(folder + WeightsName) ?? throw Missing(WeightsName);
        if (!H5Archive.IsH5(weights))
            throw new KerasException(KerasDiagnostics.DamagedFile, $"{WeightsName} in the zip is not an HDF5 file");
        H5Archive archive = H5Archive.Open(weights, WeightsName + " in the zip");
        new PathWeights(archive, (layer, path) => Assets(zip, folder, layer, path)).Bind(trace.Model);
        return trace.Finish(options, version.Length == 0 ? "Keras" : "Keras " + version);
    }

    private static void Assets(ZipDirectory zip, string folder, Layer layer, string path)
    {
        if (layer is not IVocabularyLayer vocabulary)
            return;
        string? text = zip.Text($"{folder}assets/{path}/_lookup_layer/vocabulary.txt") ?? zip.Text($"{folder}assets/{path}/vocabulary.txt");
        if (text is not null)
            vocabulary.SetVocabulary([.. text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')]);
    }

    private static string VersionOf(string? metadata)
    {
        if (metadata is null)
            return "";
        return ConfigurationObject.Of(JsonText.Parse(metadata, MetadataName), MetadataName).Text("keras_version", "");
    }

    private static KerasException Missing(string name) => new(KerasDiagnostics.MissingPart, $"{name} is missing in the zip", "Save the model again: model.save(\"model.keras\").");
}
