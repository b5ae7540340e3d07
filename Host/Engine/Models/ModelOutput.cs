using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.Files;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Engine.Models;

/// <summary>Where and how a model is to be written.</summary>
/// <param name="path">A file, or a folder for a format that is one.</param>
/// <param name="format">The format.</param>
/// <param name="plugins">Gives the plugin of the format; null for a GraphDef.</param>
/// <param name="settings">Values of the format's options.</param>
public sealed class ModelOutput(string path, OutputFormat format, Func<PluginCatalog>? plugins = null, ImmutableDictionary<string, string>? settings = null)
{
    /// <summary>The place that the path means now: code of plugins may change the working directory.</summary>
    private readonly string place = OutputPath.Absolute(path);

    /// <summary>The path without a slash at its end.</summary>
    public string Path { get; } = path.Length > 1 ? path.TrimEnd('/', System.IO.Path.DirectorySeparatorChar) : path;

    /// <summary>The format.</summary>
    public OutputFormat Format { get; } = format;

    /// <summary>The release of TensorFlow that must read what is written; null for the one that wrote the model's graph.</summary>
    public TensorFlowRelease? Reader { get; init; }

    /// <summary>A GraphDef in protobuf's text format, whatever the path's ending.</summary>
    public static ModelOutput GraphDefText(string path, TensorFlowRelease? reader = null) => new(path, GraphDefFormat.Text) { Reader = reader };

    /// <summary>Finds out before work starts that the place cannot be written to, or that an option is not one of the format.</summary>
    /// <exception cref="ModelFormatException">The file system refuses.</exception>
    /// <exception cref="OutputFormatException">An option is unknown to the format, or has a value that it does not take.</exception>
    public void Check()
    {
        foreach (var (name, value) in settings ?? ImmutableDictionary<string, string>.Empty)
        {
            FormatOption option = Format.Description.Options.FirstOrDefault(option => option.Name == name)
                ?? throw new OutputFormatException($"--{name} is no option of the format '{Format.Name}', in which '{Path}' is written") { Suggestion = Options() };
            if (!option.Accepts(value))
                throw new OutputFormatException($"--{name}={value}: it takes {option.Allowed}") { Suggestion = option.Description };
        }
        if (Reader is not null && !Format.IsTensorFlow)
            throw new OutputFormatException($"--for={Reader.Version}: the format '{Format.Name}', in which '{Path}' is written, is not read by TensorFlow") { Suggestion = "Leave --for out, or write a GraphDef or SavedModel." };
        if (Format.IsFolder)
            PendingFolder.Check(Path);
        else
            AtomicFile.CheckWritable(Path);
    }

    /// <summary>Writes a model: as a whole, or not at all.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Inputs and outputs; the settings are this output's.</param>
    /// <param name="cancellation">Stops the writing; nothing is left behind.</param>
    /// <param name="beforeReplace">Runs when everything is written, before what is there is replaced.</param>
    /// <param name="origin">The graph that the model's was made from; null when the release that wrote it need not read the result.</param>
    /// <exception cref="ModelFormatException">The file system refuses.</exception>
    /// <exception cref="ModelRefusedException">The format cannot hold the graph, or the release of TensorFlow that must read it would not.</exception>
    public WrittenModel Write(ModelContent model, ModelWriteOptions options, CancellationToken cancellation, Action? beforeReplace = null, GraphOrigin? origin = null)
    {
        var warnings = Format.IsTensorFlow ? ReleaseCheck.Run(model.Graph, Reader, origin) : [];
        IModelSinkWriter writer = Format.Create(plugins?.Invoke());
        ModelWriteOptions complete = options with { Settings = settings ?? ImmutableDictionary<string, string>.Empty };
        long bytes = Format.IsFolder
            ? AtomicFile.Guard(Path, () => WriteFolder(sink => Written(writer, model, complete, sink, cancellation), beforeReplace, cancellation))
            : WriteFile(sink => Written(writer, model, complete, sink, cancellation), beforeReplace, cancellation);
        return new(Path, Format.Name, bytes, options.Inputs, options.Outputs, model.Graph.Nodes.Length) { Diagnostics = warnings };
    }

    private void Written(IModelSinkWriter writer, ModelContent model, ModelWriteOptions options, ModelSink sink, CancellationToken cancellation)
    {
        try
        {
            writer.Write(model, options, sink, cancellation);
        }
        catch (ModelFormatException error)
        {
            throw new ModelRefusedException(error);
        }
        catch (Exception error) when (plugins is not null && error is not (OperationCanceledException or IOException or UnauthorizedAccessException) && PluginFault.Blames(plugins().OwnerOf(Format.Description), error))
        {
            throw PluginFault.Of(plugins().OwnerOf(Format.Description), EngineDiagnostics.WriterThrew, $"the writer of format '{Format.Name}'", error);
        }
    }

    private long WriteFile(Action<ModelSink> write, Action? beforeReplace, CancellationToken cancellation)
    {
        var siblings = new List<PendingFile>();
        try
        {
            long bytes = AtomicFile.Write(place, stream => write(new FileSink(place, stream, siblings)), () =>
            {
                foreach (PendingFile sibling in siblings)
                    sibling.Complete();
                cancellation.ThrowIfCancellationRequested();
                beforeReplace?.Invoke();
                foreach (PendingFile sibling in siblings)
                    sibling.Replace();
            }, cancellation);
            return bytes + siblings.Sum(sibling => sibling.Length);
        }
        finally
        {
            foreach (PendingFile sibling in siblings)
                sibling.Dispose();
        }
    }

    private long WriteFolder(Action<ModelSink> write, Action? beforeReplace, CancellationToken cancellation)
    {
        using var folder = new PendingFolder(place);
        write(folder);
        folder.Complete();
        cancellation.ThrowIfCancellationRequested();
        beforeReplace?.Invoke();
        folder.Replace();
        return folder.Length;
    }

    private string Options() => Format.Description.Options.IsEmpty
        ? "It has no options."
        : $"Its options are {string.Join(", ", Format.Description.Options.Select(option => $"--{option.Name}={option.Values}"))}.";

    /// <summary>A main file, and others beside it.</summary>
    private sealed class FileSink(string path, Stream main, List<PendingFile> siblings) : ModelSink
    {
        public override string Name => System.IO.Path.GetFileName(path);

        public override Stream Main => main;

        public override Stream Create(string name)
        {
            RelativeName.Check(name);
            if (name.Contains('/', StringComparison.Ordinal))
                throw new ModelFormatException($"'{name}' is not beside '{path}'") { DiagnosticId = ToolkitDiagnostics.Unwritable.Id };
            var sibling = new PendingFile(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(OutputPath.Target(path))!, name));
            siblings.Add(sibling);
            return sibling.Stream;
        }
    }
}

/// <summary>A format cannot hold a graph.</summary>
/// <param name="refusal">What the writer says.</param>
public sealed class ModelRefusedException(ModelFormatException refusal) : Exception(refusal.Message, refusal)
{
    /// <summary>Id of the diagnostic that reports the refusal.</summary>
    public string DiagnosticId { get; } = refusal.DiagnosticId;

    /// <summary>What to do next, a sentence; or null.</summary>
    public string? Suggestion { get; } = refusal.Suggestion;
}

/// <summary>What was written.</summary>
/// <param name="Path">The file or folder.</param>
/// <param name="Format">Short name of its format.</param>
/// <param name="Bytes">Size of all files; 0 for a pipe or device.</param>
/// <param name="Inputs">The graph's inputs.</param>
/// <param name="Outputs">The graph's outputs.</param>
/// <param name="Nodes">Nodes of the graph that was given to the writer.</param>
public sealed record WrittenModel(string Path, string Format, long Bytes, ImmutableArray<string> Inputs, ImmutableArray<string> Outputs, int Nodes)
{
    /// <summary>What the release of TensorFlow that wrote the model's graph refuses in it, and refused before; at most one warning.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; init; } = [];
}
