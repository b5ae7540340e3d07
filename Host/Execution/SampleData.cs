using TransformFramework.Graphs;
using TransformFramework.Host.Commands;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Host.Execution;

/// <summary>Samples to run a graph on, one at a time: rows of an array, files of a folder, or single files.</summary>
internal static class SampleData
{
    private static readonly string[] Endings = [".npz", ".npy", ".wav"];

    /// <summary>
    /// Feeds of one sample after the other. An .npz archive gives the rows of its array <c>images</c>, or arrays named after inputs (/ as __) whose rows are the samples where the input
    /// takes one row; a picture, .npy or .wav file gives one sample of the only input; a folder gives its files in order.
    /// </summary>
    /// <param name="graph">The graph, whose placeholders say what is wanted.</param>
    /// <param name="input">Name of the input, or null for the only placeholder.</param>
    /// <param name="value">Path and how pictures become numbers, see <see cref="PictureOptions"/>.</param>
    /// <exception cref="FeedException">There is nothing to read, or it does not fit.</exception>
    /// <exception cref="CommandException">The graph has no such input.</exception>
    public static IEnumerable<IReadOnlyDictionary<string, Tensor>> Read(Graph graph, string? input, string value)
    {
        string path = value.Split('?')[0];
        string query = value[path.Length..];
        return Files(path).SelectMany(file => Named(file, () => OfFile(graph, input, file, query)));
    }

    private static IReadOnlyList<string> Files(string path)
    {
        if (File.Exists(path))
            return [path];
        if (!Directory.Exists(path))
            throw new FeedException($"'{path}' is neither a file nor a folder");
        string[] files = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(IsSample).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new FeedException($"'{path}' has no pictures, .npz, .npy or .wav files");
    }

    private static bool IsSample(string file) => Pictures.IsPicture(file) || Endings.Contains(Path.GetExtension(file).ToLowerInvariant());

    private static IEnumerable<T> Named<T>(string file, Func<IEnumerable<T>> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new FeedException($"'{file}' cannot be read: {error.Message}", error);
        }
    }

    private static IEnumerable<IReadOnlyDictionary<string, Tensor>> OfFile(Graph graph, string? input, string file, string query)
    {
        if (!file.EndsWith(".npz", StringComparison.OrdinalIgnoreCase))
        {
            Node only = GraphInputs.Resolve(graph, input);
            return [Feed(only.Name, FeedReader.Read(file + query, GraphInputs.TypeOf(only), GraphInputs.ShapeOf(only)))];
        }
        using FileStream stream = File.OpenRead(file);
        var arrays = NpzFile.Read(stream);
        return arrays.TryGetValue("images", out var images)
            ? Rows(GraphInputs.Resolve(graph, input), images, PictureOptions.Parse(query.TrimStart('?')))
            : OfArrays(graph, arrays, file);
    }

    private static IEnumerable<IReadOnlyDictionary<string, Tensor>> Rows(Node input, Tensor images, PictureOptions options)
    {
        DataType type = GraphInputs.TypeOf(input);
        for (int i = 0; i < images.Shape[0]; i++)
            yield return Feed(input.Name, FeedReader.Fit(options.Prepare(Row(images, i), type), type, GraphInputs.ShapeOf(input)));
    }

    private static IEnumerable<IReadOnlyDictionary<string, Tensor>> OfArrays(Graph graph, IReadOnlyDictionary<string, Tensor> arrays, string file)
    {
        var named = arrays.Select(array => (Node: graph.Find(array.Key.Replace("__", "/", StringComparison.Ordinal)) ?? graph.Find(array.Key), Array: array.Value)).Where(entry => entry.Node is not null).ToList();
        if (named.Count == 0)
            throw new FeedException($"'{file}' has neither an array 'images' nor one named after an input (/ as __); it has {string.Join(", ", arrays.Keys.Order(StringComparer.Ordinal))}");
        int rows = named.Max(entry => AreRows(entry.Node!, entry.Array) ? (int)entry.Array.Shape[0] : 1);
        for (int i = 0; i < rows; i++)
        {
            int row = i;
            yield return named.ToDictionary(
                entry => entry.Node!.Name,
                entry => FeedReader.Fit(AreRows(entry.Node!, entry.Array) ? Row(entry.Array, row) : entry.Array, GraphInputs.TypeOf(entry.Node!), GraphInputs.ShapeOf(entry.Node!)),
                StringComparer.Ordinal);
        }
    }

    private static bool AreRows(Node input, Tensor array)
    {
        TensorShape wanted = GraphInputs.ShapeOf(input);
        return !wanted.IsUnknownRank && wanted.Rank == array.Shape.Rank && wanted.Rank > 0 && wanted[0] == 1 && array.Shape[0] > 1;
    }

    private static Tensor Row(Tensor array, int row)
    {
        int size = array.Bytes.Length / (int)array.Shape[0];
        return Tensor.FromContent(array.Type, TensorShape.Of([1, .. array.Shape.Dimensions.Skip(1)]), array.Bytes.Slice(row * size, size));
    }

    private static Dictionary<string, Tensor> Feed(string name, Tensor tensor) => new(StringComparer.Ordinal) { [name] = tensor };
}
