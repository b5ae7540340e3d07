using System.Collections.Immutable;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Keras.Reading;
using TransformFramework.ModelFiles;

namespace TransformFramework.Keras;

/// <summary>Reads Keras models: HDF5 files and zips of Keras 1 to 3, told by their content.</summary>
[ModelFormat("keras", ".keras", ".h5", ".hdf5")]
public sealed class KerasFormat : IModelSourceReader
{
    /// <inheritdoc/>
    public bool Recognizes(ModelSource source)
    {
        if (source.Main is not { } file)
            return false;
        if (!ZipDirectory.IsZip(file))
            return H5Archive.IsH5(file);
        try
        {
            return KerasArchive.FolderOf(ZipDirectory.Open(file)) is not null;
        }
        catch (KerasException)
        {
            return NamesKeras(file);
        }
    }

    /// <inheritdoc/>
    public ModelContent Read(ModelSource source, ModelReadOptions options, CancellationToken cancellation)
    {
        ModelSourceFile file = source.Main ?? throw new ModelFormatException($"'{source.Path}' is a folder, not a Keras file");
        try
        {
            if (file.Length == 0)
                throw new KerasException(KerasDiagnostics.DamagedFile, "the file is empty");
            if (ZipDirectory.IsZip(file))
                return KerasArchive.Read(file, options, cancellation);
            if (H5Archive.IsH5(file))
                return LegacyReader.Read(file, options, cancellation);
            throw new KerasException(KerasDiagnostics.DamagedFile, "it is neither HDF5 nor a zip");
        }
        catch (KerasException error)
        {
            throw new ModelFormatException($"'{source.Path}': {error.Message}", error) { DiagnosticId = error.Kind.Id, Suggestion = error.Suggestion };
        }
    }

    /// <summary>True for a cut zip whose first entry is one that Keras writes first.</summary>
    private static bool NamesKeras(ModelSourceFile file)
    {
        string head = Encoding.Latin1.GetString(file.Slice(0, (int)Math.Min(file.Length, 512)).Span);
        return head.Contains("metadata.json", StringComparison.Ordinal) || head.Contains("config.json", StringComparison.Ordinal) || head.Contains("model.weights.h5", StringComparison.Ordinal);
    }
}
