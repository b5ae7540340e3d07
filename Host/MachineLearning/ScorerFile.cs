using System.IO.Compression;
using System.Text.Json;
using TransformFramework.Engine;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.MachineLearning;

/// <summary>A transformer in a file: a ZIP archive of the graph and its columns.</summary>
internal static class ScorerFile
{
    private const string GraphEntry = "graph.pb";
    private const string ColumnsEntry = "columns.json";
    private const int Version = 1;

    public static void Write(string path, GraphScorer scorer)
    {
        using FileStream stream = File.Create(path);
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create);
        using (Stream graph = archive.CreateEntry(GraphEntry, CompressionLevel.Fastest).Open())
            GraphDefWriter.Write(scorer.Model.Graph, graph);
        using Stream columns = archive.CreateEntry(ColumnsEntry).Open();
        JsonSerializer.Serialize(columns, new Document
        {
            SchemaVersion = Version,
            Inputs = [.. scorer.Session.Inputs.Zip(scorer.Inputs).Select(pair => new Entry { Column = pair.Second.Name, Tensor = pair.First.Tensor, Shape = [.. pair.Second.Shape.Dimensions] })],
            Outputs = [.. scorer.Session.Outputs.Zip(scorer.Outputs).Select(pair => new Entry { Column = pair.Second.Name, Tensor = pair.First.Tensor })],
        });
    }

    public static GraphScorer Read(string path, TransformEngine engine)
    {
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            Document document = Columns(archive);
            using var graph = new MemoryStream();
            using (Stream entry = (archive.GetEntry(GraphEntry) ?? throw new InvalidDataException($"it lacks {GraphEntry}")).Open())
                entry.CopyTo(graph);
            var model = new Model(GraphDefReader.Read(graph.ToArray()));
            return GraphScorer.Create(engine, model, new(
                [.. document.Outputs!.Select(output => (output.Column!, output.Tensor!))],
                [.. document.Inputs!.Select(input => (input.Column!, input.Tensor!))],
                [.. document.Inputs!.Select(input => input.Shape!)]));
        }
        catch (Exception error) when (error is InvalidDataException or JsonException or ModelFormatException or ArgumentException or NullReferenceException)
        {
            throw new InvalidDataException($"'{path}' is not a file of a scoring transformer: {error.Message}", error);
        }
    }

    private static Document Columns(ZipArchive archive)
    {
        using Stream entry = (archive.GetEntry(ColumnsEntry) ?? throw new InvalidDataException($"it lacks {ColumnsEntry}")).Open();
        Document? document = JsonSerializer.Deserialize<Document>(entry);
        bool isComplete = document is { SchemaVersion: Version, Inputs: not null, Outputs: not null }
            && Array.TrueForAll(document.Inputs, input => input is { Column: not null, Tensor: not null, Shape: not null })
            && Array.TrueForAll(document.Outputs, output => output is { Column: not null, Tensor: not null });
        return isComplete ? document! : throw new InvalidDataException($"{ColumnsEntry} is not of version {Version}");
    }

    private sealed record Document
    {
        public int SchemaVersion { get; set; }

        public Entry[]? Inputs { get; set; }

        public Entry[]? Outputs { get; set; }
    }

    private sealed record Entry
    {
        public string? Column { get; set; }

        public string? Tensor { get; set; }

        public long[]? Shape { get; set; }
    }
}
