using System.Globalization;
using System.Text.RegularExpressions;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Workflows.Data;

/// <summary>Images with the number of their class: the arrays <c>images</c> and <c>labels</c> of an .npz archive, a folder of images, or TFRecord files, .tar archives and lists, which are read from the beginning to the end.</summary>
public sealed partial class LabelledImages
{
    private readonly int[] labels;
    private readonly Func<int, int, Tensor> read;
    private readonly LabelledStream? stream;

    private LabelledImages(int[] labels, Func<int, int, Tensor> read)
    {
        this.labels = labels;
        this.read = read;
    }

    private LabelledImages(LabelledStream stream) : this([], (_, _) => throw new FeedException("images of a stream are not read by their number")) => this.stream = stream;

    /// <summary>Number of images; null when it is known at the end only.</summary>
    public int? Count => stream is null ? labels.Length : null;

    /// <summary>Opens what <c>--data</c> names: <c>D.npz?divide=255</c>, a folder with a class in the name of each sub-folder or image, or what <see cref="SampleData"/> reads with classes in it.</summary>
    /// <param name="endpoints">The model.</param>
    /// <param name="input">Its input for images.</param>
    /// <param name="value">Path and how images become numbers, see <see cref="ImageOptions"/>.</param>
    /// <exception cref="FeedException">There is nothing to read, or it has no images and labels.</exception>
    public static LabelledImages Open(ModelEndpoints endpoints, Node input, string value)
    {
        string path = SampleSources.PathOf(value);
        if (LabelledStream.Holds(path))
            return new(new LabelledStream(new(endpoints, [input.Name], value), value));
        DataType type = GraphInputs.TypeOf(input);
        TensorShape shape = GraphInputs.ShapeOf(input);
        var options = ImageOptions.Parse(value[Math.Min(value.Length, path.Length + 1)..]);
        try
        {
            return Directory.Exists(path) ? OfFolder(path, options, type, shape) : OfArchive(path, options, type, shape);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new FeedException($"'{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The images in batches.</summary>
    /// <param name="size">Images of a batch; the last has the rest.</param>
    /// <param name="selection">The part of the batches that is read, and what becomes of broken images; null for all.</param>
    /// <exception cref="FeedException">An image cannot be read.</exception>
    public IEnumerable<LabelledBatch> Batches(int size, SampleSelection? selection = null)
    {
        selection ??= SampleSelection.All;
        BadSamples bad = selection.Bad ?? new(most: 0, _ => { });
        foreach (BatchReading reading in stream?.Batches(size, selection) ?? ReadAhead.InOrder(Enumerable.Range(0, (labels.Length + size - 1) / size).Where(batch => selection.Shard.Takes(batch)), batch => Read(batch * size, Math.Min(size, labels.Length - (batch * size)))))
        {
            foreach (var (name, error) in reading.Broken)
                bad.Add(name, error);
            if (reading.Batch is { } batch)
                yield return batch;
        }
    }

    /// <summary>Some images in a row as one tensor.</summary>
    /// <exception cref="FeedException">They do not fit the input.</exception>
    public Tensor Batch(int first, int count) => read(first, count);

    /// <summary>A batch as a whole, or image by image where one is broken.</summary>
    private BatchReading Read(int first, int count)
    {
        var whole = BatchReading.Of($"image {first}", () => new(labels[first..(first + count)], Batch(first, count)));
        return whole.Broken.IsEmpty || count == 1 ? whole : BatchReading.Join([.. Enumerable.Range(first, count).Select(image => Read(image, 1))]);
    }

    private static LabelledImages OfArchive(string path, ImageOptions options, DataType type, TensorShape shape)
    {
        if (File.Exists(path) && !path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase))
            throw new FeedException($"'{path}' is neither an .npz file, a folder nor a list of labelled images") { Suggestion = "Give an .npz file with the arrays images and labels, a folder with a sub-folder for each class, or a .tfrecord, .tar or list (FILE.list, @FILE) with classes." };
        using FileStream file = File.OpenRead(path);
        var arrays = NpzFile.Read(file);
        if (!arrays.TryGetValue("images", out var images) || !arrays.TryGetValue("labels", out var labels))
            throw new FeedException($"'{path}' needs the arrays images and labels; it has {NameList.Join(arrays.Keys)}");
        if (images.Shape.Rank == 0 || images.Shape[0] != labels.ElementCount)
            throw new FeedException($"'{path}' has images of shape {images.Shape} and {labels.ElementCount} labels");
        if (images.Type == DataType.String)
            throw new FeedException($"the array images of '{path}' holds texts, not images");
        Tensor numbers = FeedReader.Fit(labels, DataType.Int32, TensorShape.Unknown);
        return new([.. numbers.AsSpan<int>()], (first, count) => FeedReader.Fit(options.Prepare(Slice(images, first, count), type), type, shape));
    }

    private static LabelledImages OfFolder(string path, ImageOptions options, DataType type, TensorShape shape)
    {
        string[] files = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(ImageFile.IsImage).Order(StringComparer.Ordinal)];
        if (files.Length == 0)
            throw new FeedException($"'{path}' has no images");
        string[] folders = [.. files.Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Distinct().Order(StringComparer.Ordinal)];
        int[] classes = [.. files.Select(file => ClassOf(path, file, folders))];
        return new(classes, (first, count) => LabelledBatch.Join([.. Enumerable.Range(first, count).Select(i => new LabelledBatch([classes[i]], ImageFile.Read(files[i], options, type, shape)))]).Images);
    }

    /// <summary>The number in the sub-folder's name, else its rank among the names; without sub-folders the first number in the image's name.</summary>
    private static int ClassOf(string root, string file, string[] folders)
    {
        string folder = Path.GetDirectoryName(file)!;
        if (!string.Equals(Path.GetFullPath(folder), Path.GetFullPath(root).TrimEnd(Path.DirectorySeparatorChar), StringComparison.Ordinal))
            return int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : Array.IndexOf(folders, Path.GetFileName(folder));
        return NumberPattern().Match(Path.GetFileName(file)) is { Success: true } match && int.TryParse(match.Value, CultureInfo.InvariantCulture, out int first)
            ? first
            : throw new FeedException($"'{file}' is in no sub-folder of a class, and its name has no number of a class") { Suggestion = "Put the images of each class into a folder of its number or name, or give an .npz with the arrays images and labels." };
    }

    private static Tensor Slice(Tensor images, int first, int count)
    {
        int row = images.Bytes.Length / (int)images.Shape[0];
        return Tensor.FromContent(images.Type, TensorShape.Of([count, .. images.Shape.Dimensions.Skip(1)]), images.Bytes.Slice(first * row, count * row));
    }

    [GeneratedRegex("[0-9]+", RegexOptions.None, 60_000)]
    private static partial Regex NumberPattern();
}
