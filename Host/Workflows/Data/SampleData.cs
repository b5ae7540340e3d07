using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Workflows.Data;

/// <summary>Samples to run a graph on, one at a time: rows of an array, files of a folder, or single files.</summary>
public static class SampleData
{
    private static readonly string[] Endings = [".npz", ".npy", ".wav"];

    /// <summary>
    /// Feeds of one sample after the other. An .npz archive gives the rows of its array <c>images</c>, or of arrays named after inputs (/ as __); a .npy file the rows of its array for the only input;
    /// an image or .wav file one sample of the only input; a folder its files in order. An array is one sample where the input takes another number of rows than one, a vector or a column.
    /// </summary>
    /// <param name="endpoints">The model, whose placeholders say what is wanted.</param>
    /// <param name="inputs">Names of the inputs; only one of them when the data do not name theirs.</param>
    /// <param name="value">Path and how images become numbers, see <see cref="ImageOptions"/>.</param>
    /// <exception cref="FeedException">There is nothing to read, or it does not fit.</exception>
    /// <exception cref="EndpointException">The graph has several inputs, and the data do not name theirs.</exception>
    public static IEnumerable<IReadOnlyDictionary<string, Tensor>> Read(ModelEndpoints endpoints, IReadOnlyList<string> inputs, string value)
    {
        string path = value.Split('?')[0];
        string query = value[path.Length..];
        var options = ImageOptions.Parse(query.TrimStart('?'));
        return Files(path).SelectMany(file => OfFile(endpoints, inputs, file, query, options));
    }

    private static IReadOnlyList<string> Files(string path)
    {
        if (File.Exists(path))
            return IsSample(path) ? [path] : throw new FeedException($"'{path}' is no image, .npz, .npy or .wav file");
        if (!Directory.Exists(path))
            throw new FeedException($"'{path}' is neither a file nor a folder");
        string[] files = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(IsSample).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new FeedException($"'{path}' has no images, .npz, .npy or .wav files");
    }

    private static bool IsSample(string file) => ImageFile.IsImage(file) || Endings.Contains(Path.GetExtension(file).ToLowerInvariant());

    private static IEnumerable<IReadOnlyDictionary<string, Tensor>> OfFile(ModelEndpoints endpoints, IReadOnlyList<string> inputs, string file, string query, ImageOptions options)
    {
        string ending = Path.GetExtension(file).ToLowerInvariant();
        if (ending == ".npz")
            return Rows(Named(endpoints, inputs, ReadArrays(file, NpzFile.Read), file), file, options);
        Node only = GraphInputs.Resolve(endpoints, inputs is [var name] ? name : null);
        if (ending == ".npy")
            return Rows([SampleArray.Of(only, ReadArrays(file, stream => NpyFile.Read(ReadAll(stream))))], file, options);
        if (ending == ".wav" && query.Length > 0)
            throw new FeedException($"'{file}' is a sound, which takes no '{query}'");
        return [Feed(only, FeedReader.Read(file + query, GraphInputs.TypeOf(only), GraphInputs.ShapeOf(only)))];
    }

    private static T ReadArrays<T>(string file, Func<Stream, T> read)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            return read(stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or OverflowException)
        {
            throw new FeedException($"'{file}' cannot be read: {error.Message}", error);
        }
    }

    private static byte[] ReadAll(Stream stream)
    {
        byte[] bytes = new byte[checked((int)stream.Length)];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static List<SampleArray> Named(ModelEndpoints endpoints, IReadOnlyList<string> inputs, IReadOnlyDictionary<string, Tensor> arrays, string file)
    {
        if (arrays.TryGetValue("images", out var images))
            return [new(GraphInputs.Resolve(endpoints, inputs is [var name] ? name : null), images, images.Shape.Rank > 0 && images.Type != DataType.String ? 1 : 0)];
        var named = new List<SampleArray>();
        foreach (var (key, array) in arrays)
        {
            if (FeedArguments.OfKey(endpoints, key) is { } input)
                named.Add(SampleArray.Of(input, array));
        }
        return named.Count > 0
            ? named
            : throw new FeedException($"'{file}' has neither an array 'images' nor one named after an input (/ as __: {string.Join(", ", inputs.Select(input => input.Replace("/", "__", StringComparison.Ordinal)))}); it has {string.Join(", ", arrays.Keys.Order(StringComparer.Ordinal))}");
    }

    private static IEnumerable<IReadOnlyDictionary<string, Tensor>> Rows(List<SampleArray> arrays, string file, ImageOptions options)
    {
        long[] counts = [.. arrays.Where(array => array.Rows > 0).Select(array => array.Values.Shape[0] / array.Rows).Distinct()];
        if (counts.Length > 1)
            throw new FeedException($"'{file}' has arrays of {string.Join(" and ", counts.Order())} rows; each sample is one row of every array, or as many as a fixed batch has");
        for (int i = 0; i < (counts.Length == 0 ? 1 : counts[0]); i++)
        {
            int row = i;
            yield return arrays.ToDictionary(array => array.Input.Name, array => Fit(array, row, file, options), StringComparer.Ordinal);
        }
    }

    private static Tensor Row(Tensor array, int row, int rows)
    {
        int size = checked((int)(array.Bytes.Length / array.Shape[0] * rows));
        return Tensor.FromContent(array.Type, TensorShape.Of([rows, .. array.Shape.Dimensions.Skip(1)]), array.Bytes.Slice(row * size, size));
    }

    private static Tensor Fit(SampleArray array, int row, string file, ImageOptions options)
    {
        Node input = array.Input;
        Tensor value = array.Rows > 0 ? Row(array.Values, row, array.Rows) : array.Values;
        if (NotFiniteValues.First(value) is { } found)
            throw new FeedException($"sample {row} of '{file}' (input {input.Name}) holds {found}; samples count from 0") { Suggestion = "Take the sample out, or find what made it so: a division by zero, or a file that was read wrongly." };
        DataType type = GraphInputs.TypeOf(input);
        try
        {
            return FeedReader.Fit(options.Prepare(value, type), type, GraphInputs.ShapeOf(input));
        }
        catch (FeedException error)
        {
            throw new FeedException($"'{file}' does not fit the input '{input.Name}': {error.Message}", error);
        }
    }

    private static Dictionary<string, Tensor> Feed(Node input, Tensor tensor) => new(StringComparer.Ordinal) { [input.Name] = tensor };

    /// <summary>An array for an input.</summary>
    /// <param name="Input">The input.</param>
    /// <param name="Values">The array.</param>
    /// <param name="Rows">How many rows are a sample: 1, or the size of the input's fixed batch; 0 when the whole array is one.</param>
    private sealed record SampleArray(Node Input, Tensor Values, int Rows)
    {
        public static SampleArray Of(Node input, Tensor values)
        {
            TensorShape wanted = GraphInputs.ShapeOf(input);
            int rank = values.Shape.Rank;
            if (rank < 2 || values.Type == DataType.String || wanted.IsUnknownRank || wanted.Rank != rank)
                return new(input, values, Rows: 0);
            long batch = wanted[0];
            bool isColumn = rank == 2 && wanted[1] == 1;
            if (batch == 1 || (batch < 0 && !isColumn))
                return new(input, values, Rows: 1);
            return new(input, values, batch > 1 && values.Shape[0] > batch && values.Shape[0] % batch == 0 ? (int)batch : 0);
        }
    }
}
