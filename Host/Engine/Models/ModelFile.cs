using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Engine.Models;

/// <summary>Opens and saves models.</summary>
public static class ModelFile
{
    /// <summary>Opens a GraphDef, binary or text. Large files are mapped, not read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <param name="acceptsEmpty">Takes a file of no bytes for the empty graph, as the original tool does; it is refused otherwise.</param>
    /// <exception cref="ModelFormatException">There is no readable graph; the message says what is there instead.</exception>
    public static LoadedModel Open(string path, CancellationToken cancellation, bool acceptsEmpty = false) => Open(path, new ModelOpenOptions { AcceptsEmpty = acceptsEmpty }, plugins: null, cancellation);

    /// <summary>Opens a model of any format. Plugins are looked for only when it is no GraphDef.</summary>
    /// <param name="path">A file, a folder, an archive, or the common prefix of a checkpoint's files.</param>
    /// <param name="options">Choices of the reading.</param>
    /// <param name="plugins">Gives the plugins that read formats; null for none.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="ModelFormatException">There is no readable model; the message says what is there instead.</exception>
    /// <exception cref="PluginException">The plugin that reads the format is defective.</exception>
    public static LoadedModel Open(string path, ModelOpenOptions options, Func<PluginCatalog>? plugins, CancellationToken cancellation) =>
        new ModelOpening(path, options, plugins, cancellation).Open();

    /// <summary>Writes a GraphDef to a temporary file beside the path, flushes it to disk and renames it.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="path">The file; an existing one is replaced when everything is written, and stays as it was on any failure.</param>
    /// <param name="asText">Text format in place of binary.</param>
    /// <param name="cancellation">Stops the writing; nothing is left behind.</param>
    /// <param name="beforeReplace">
    /// Runs when everything is written, before the rename. Windows does not replace a mapped file, so whoever saves over an open model
    /// disposes it here; elsewhere it may stay open.
    /// </param>
    /// <returns>Number of bytes written; 0 to a pipe or device.</returns>
    /// <exception cref="ModelFormatException">The file cannot be written.</exception>
    public static long Save(Graph graph, string path, bool asText, CancellationToken cancellation, Action? beforeReplace = null) =>
        new ModelOutput(path, asText ? GraphDefFormat.Text : GraphDefFormat.Binary).Write(new ModelContent(graph), new(), cancellation, beforeReplace).Bytes;
}

/// <summary>Choices of opening a model.</summary>
public sealed record ModelOpenOptions
{
    /// <summary>What is read of the model.</summary>
    public ModelReadOptions Read { get; init; } = ModelReadOptions.Default;

    /// <summary>Takes a file of no bytes for the empty graph and keeps nodes that are there twice, as the original tool does; the one is refused otherwise, the others are merged.</summary>
    public bool AcceptsEmpty { get; init; }
}
