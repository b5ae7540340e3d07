using TransformFramework.Engine.Models.Detection;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Engine.Models;

/// <summary>Opens and saves model files.</summary>
public static class ModelFile
{
    /// <summary>Opens a GraphDef, binary or text. Large files are mapped, not read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <param name="acceptEmpty">Takes a file of no bytes for the empty graph, as the original tool does; it is refused otherwise.</param>
    /// <exception cref="ModelFormatException">There is no readable graph; the message says what is there instead.</exception>
    public static LoadedModel Open(string path, CancellationToken cancellation, bool acceptEmpty = false)
    {
        ModelSourceFile source = FileOpener.Open(path, cancellation);
        try
        {
            bool isEmpty = acceptEmpty && source.Length == 0;
            return new(isEmpty ? Graph.Empty : GraphDetection.Read(source, path, cancellation), source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Writes a graph to a temporary file beside the path, flushes it to disk and renames it.</summary>
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
        AtomicFile.Write(path, stream => Write(graph, stream, asText, cancellation), beforeReplace);

    private static void Write(Graph graph, Stream stream, bool asText, CancellationToken cancellation)
    {
        if (asText)
            GraphTextFormat.Write(graph, stream, cancellation);
        else
            GraphDefWriter.Write(graph, stream, cancellation);
    }
}
