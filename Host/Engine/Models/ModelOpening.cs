using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.Models.Detection;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Engine.Models;

/// <summary>Opens one model: finds its format by content, a GraphDef before all others, and looks into archives.</summary>
internal sealed class ModelOpening(string path, ModelOpenOptions options, Func<PluginCatalog>? plugins, CancellationToken cancellation)
{
    private const int ListedFiles = 8;
    private static readonly string[] Endings = [".pb", ".pbtxt", ".tflite", ".onnx", ".h5", ".hdf5", ".keras", ".meta"];

    public LoadedModel Open()
    {
        ModelSource source = ModelSources.Open(path, cancellation);
        var open = new List<IDisposable> { source };
        try
        {
            var (format, content) = Read(source, open);
            if (!options.AcceptsEmpty)
            {
                Graph single = GraphFlaws.WithoutRepetitions(content.Graph, out Diagnostic? merged);
                content = content with { Graph = single, Diagnostics = merged is null ? content.Diagnostics : content.Diagnostics.Add(merged) };
            }
            content = content with { Graph = FixedInputs.Apply(content, options.Read.FixedInputs, isComplete: format != GraphDefFormat.Name, cancellation) };
            open.Reverse();
            return new(path, format, content, Size(source), [.. open]);
        }
        catch
        {
            foreach (IDisposable disposable in Enumerable.Reverse(open))
                disposable.Dispose();
            throw;
        }
    }

    private (string Format, ModelContent Content) Read(ModelSource source, List<IDisposable> open)
    {
        if (source.Main is not { } file)
            return Formatted(source) ?? throw new ModelFormatException($"the folder '{path}' holds no model{Listed(source)}") { DiagnosticId = ToolkitDiagnostics.FolderWithoutModel.Id, Suggestion = "Give the folder that holds saved_model.pb, or the path of a model's file." };
        if (options.AcceptsEmpty && file.Length == 0)
            return (GraphDefFormat.Name, new(Graph.Empty));
        if (CompactTextFormat.IsPath(source.Path))
            return (CompactTextFormat.Name, new(CompactTextFormat.Read(file, path)));
        try
        {
            return (GraphDefFormat.Name, new(GraphDetection.Read(file, path, cancellation)));
        }
        catch (ModelFormatException) when (plugins is not null)
        {
            if ((Formatted(source) ?? Archived(file, open)) is { } content)
                return content;
            throw;
        }
    }

    /// <summary>What a plugin's reader makes of the source; null when none recognizes it.</summary>
    private (string Format, ModelContent Content)? Formatted(ModelSource source)
    {
        if (plugins is null)
            return null;
        PluginCatalog catalog = plugins();
        string ending = Path.GetExtension(source.Path);
        foreach (FormatDescription format in catalog.Formats.Where(format => format.Reads).OrderByDescending(format => format.Extensions.Contains(ending, StringComparer.OrdinalIgnoreCase)))
        {
            var reader = catalog.CreateFormat<object>(format);
            PluginIdentity owner = catalog.OwnerOf(format);
            if (reader is IModelSourceReader recognizing && Guarded(owner, format, () => recognizing.Recognizes(source)))
                return (format.Name, Whole(owner, format, Guarded(owner, format, () => recognizing.Read(source, options.Read, cancellation))));
            if (reader is IModelReader plain && source.Main is { } file && format.Extensions.Contains(ending, StringComparer.OrdinalIgnoreCase))
                return (format.Name, Whole(owner, format, Guarded(owner, format, () => new ModelContent(plain.Read(file.OpenRead(), cancellation)))));
        }
        return null;
    }

    private (string Format, ModelContent Content)? Archived(ModelSourceFile file, List<IDisposable> open)
    {
        if (ArchiveSource.TryOpen(file, path, cancellation) is not { } archive)
            return null;
        open.Add(archive);
        if (archive.Main is { } only)
            return OfFile(archive, only) ?? throw NotInArchive(archive);
        if (Formatted(archive) is { } folder)
            return folder;
        string[] candidates = [.. archive.Names.Where(name => Endings.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase))];
        if (candidates.Length > 1)
            throw Missing($"the archive '{path}' holds several models: {string.Join(", ", candidates.Take(ListedFiles))}", "Unpack it and give the path of one of them.");
        return candidates.Length == 1 && archive.At(candidates[0]) is { Main: { } main } one && OfFile(one, main) is { } model ? model : throw NotInArchive(archive);
    }

    private (string Format, ModelContent Content)? OfFile(ModelSource source, ModelSourceFile file)
    {
        try
        {
            return (GraphDefFormat.Name, new(GraphDetection.Read(file, source.Path, cancellation)));
        }
        catch (ModelFormatException)
        {
            return Formatted(source);
        }
    }

    private static ModelContent Whole(PluginIdentity owner, FormatDescription format, ModelContent? content) => PluginGraph.Flaw(content?.Graph) is { } flaw
        ? throw PluginFault.Of(owner, EngineDiagnostics.ReaderThrew, $"the reader of format '{format.Name}'", flaw)
        : content!;

    private static T Guarded<T>(PluginIdentity owner, FormatDescription format, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is not (ModelFormatException or OperationCanceledException) && PluginFault.Blames(owner, error))
        {
            throw PluginFault.Of(owner, EngineDiagnostics.ReaderThrew, $"the reader of format '{format.Name}'", error);
        }
    }

    private long Size(ModelSource source) => source.Main is { } file
        ? file.Length
        : source.Names.Sum(name => new FileInfo(Path.Combine(path, name)).Length);

    private ModelFormatException NotInArchive(ArchiveSource archive) => Missing($"the archive '{path}' holds no model{Listed(archive)}", "A SavedModel holds a file saved_model.pb; unpack the archive and give the path of the model inside, if there is one.");

    private static string Listed(ModelSource source)
    {
        IReadOnlyList<string> names = source.Names;
        return names.Count == 0 ? "; it is empty" : $"; it holds {string.Join(", ", names.Take(ListedFiles))}{(names.Count > ListedFiles ? $" and {names.Count - ListedFiles} more" : "")}";
    }

    private static ModelFormatException Missing(string message, string suggestion) => new(message) { DiagnosticId = EngineDiagnostics.NoModelInArchive.Id, Suggestion = suggestion };
}
