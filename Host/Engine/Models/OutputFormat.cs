using TransformFramework.Engine.PluginLoading;
using TransformFramework.ModelFiles;

namespace TransformFramework.Engine.Models;

/// <summary>A format that models are written in.</summary>
/// <param name="Description">Name, endings and options.</param>
/// <param name="Create">Makes the writer; loads its plugin.</param>
public sealed record OutputFormat(FormatDescription Description, Func<PluginCatalog?, IModelSinkWriter> Create)
{
    private const string SavedModel = "saved_model";

    /// <summary>True when the format is a folder.</summary>
    public bool IsFolder => Description.Name == SavedModel;

    /// <summary>True when releases of TensorFlow read the format.</summary>
    public bool IsTensorFlow => IsFolder || Name == GraphDefFormat.Name;

    /// <summary>Short name.</summary>
    public string Name => Description.Name;

    /// <summary>The format for a path: by name when one is given, else SavedModel for a path that ends in <c>/</c>, else by the path's ending, else a binary GraphDef.</summary>
    /// <param name="path">Where the model is to be written.</param>
    /// <param name="name">The format's name; null to go by the path.</param>
    /// <param name="plugins">The plugins.</param>
    /// <exception cref="OutputFormatException">No plugin writes the format.</exception>
    public static OutputFormat Choose(string path, string? name, Func<PluginCatalog> plugins)
    {
        string? wanted = name ?? (path.EndsWith('/') || path.EndsWith(Path.DirectorySeparatorChar) ? SavedModel : null);
        if (wanted == GraphDefFormat.Name)
            return GraphDefFormat.IsTextPath(path) ? GraphDefFormat.Text : GraphDefFormat.Binary;
        if (wanted == CompactTextFormat.Name || (wanted is null && CompactTextFormat.IsPath(path)))
            return CompactTextFormat.Output;
        if (wanted is not null)
            return Of(plugins().Formats.FirstOrDefault(format => format.Writes && format.Name == wanted) ?? throw Unknown($"no plugin writes the format '{wanted}'", plugins()));
        string ending = Path.GetExtension(path);
        if (GraphDefFormat.IsTextPath(path))
            return GraphDefFormat.Text;
        if (ending is "" or ".pb")
            return GraphDefFormat.Binary;
        FormatDescription[] named = [.. plugins().Formats.Where(format => format.Extensions.Contains(ending, StringComparer.OrdinalIgnoreCase))];
        if (named.Length == 0)
            return GraphDefFormat.Binary;
        return Of(Array.Find(named, format => format.Writes) ?? throw Unknown($"the format '{named[0].Name}' of '{ending}' files is read, not written", plugins()));
    }

    /// <summary>Every format that can be written.</summary>
    public static IEnumerable<FormatDescription> All(PluginCatalog plugins) => plugins.Formats.Where(format => format.Writes).Prepend(GraphDefFormat.Binary.Description);

    private static OutputFormat Of(FormatDescription format) => new(format, plugins => plugins!.CreateFormat<object>(format) switch
    {
        IModelSinkWriter writer => writer,
        IModelWriter writer => new StreamWriterAdapter(writer),
        _ => throw new PluginException(EngineDiagnostics.BrokenOffer.Id, $"format '{format.Name}' of plugin {plugins.OwnerOf(format)} is no writer") { Suggestion = "Its class bears an attribute that it does not live up to; report it to the plugin's author." },
    });

    private static OutputFormatException Unknown(string message, PluginCatalog plugins) =>
        new(message) { Suggestion = $"The formats are {string.Join(", ", All(plugins).Select(format => $"{format.Name}{(format.Extensions.IsEmpty ? "" : $" ({string.Join(", ", format.Extensions)})")}"))}." };

    /// <summary>A writer of one stream as a writer of a sink.</summary>
    private sealed class StreamWriterAdapter(IModelWriter writer) : IModelSinkWriter
    {
        public void Write(ModelContent model, ModelWriteOptions options, ModelSink sink, CancellationToken cancellation) =>
            writer.Write(model.Graph, options.Inputs, options.Outputs, sink.Main, cancellation);
    }
}

/// <summary>A format or an option of one that was asked for does not exist.</summary>
/// <param name="message">What is wrong.</param>
public sealed class OutputFormatException(string message) : Exception(message)
{
    /// <summary>What to do next, a sentence; or null.</summary>
    public string? Suggestion { get; init; }
}
