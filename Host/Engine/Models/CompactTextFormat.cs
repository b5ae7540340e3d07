using System.Text;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Engine.Models;

/// <summary>Graphs in the compact text form, one node a line: files <c>.gtxt</c>, which <c>view --as=gtxt</c> prints.</summary>
internal sealed class CompactTextFormat : IModelSinkWriter
{
    /// <summary>Short name of the format.</summary>
    public const string Name = "gtxt";

    /// <summary>What writes it.</summary>
    public static readonly OutputFormat Output = new(new(Name, [".gtxt"], "") { Reads = true, Writes = true }, _ => new CompactTextFormat());

    private const long MostBytes = 1L << 30;

    /// <summary>Whether a path names such a file.</summary>
    public static bool IsPath(string path) => Path.GetExtension(path).Equals(".gtxt", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a graph.</summary>
    /// <exception cref="ModelFormatException">The text is malformed; the message begins with path, line and column.</exception>
    public static Graph Read(ModelSourceFile file, string path)
    {
        if (file.Length > MostBytes)
            throw new ModelFormatException($"'{path}' has {file.Length} bytes; a graph as text has at most {MostBytes}") { Suggestion = "Use a binary GraphDef (.pb)." };
        using var reader = new StreamReader(file.OpenRead(), Encoding.UTF8);
        try
        {
            return GraphText.Parse(reader.ReadToEnd());
        }
        catch (GraphTextException error)
        {
            throw new ModelFormatException($"{path}:{error.Line}:{error.Column}: expected {error.Expected}, found {error.Found}", error) { DiagnosticId = GraphTextException.DiagnosticId, Suggestion = "docs/graph-text.md describes the form." };
        }
    }

    public void Write(ModelContent model, ModelWriteOptions options, ModelSink sink, CancellationToken cancellation)
    {
        using var writer = new StreamWriter(sink.Main, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        GraphText.Write(model.Graph, writer);
    }
}
