using System.Globalization;
using System.Text.RegularExpressions;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Workflows.Data;

/// <summary>Pictures with the number of their class: the arrays <c>images</c> and <c>labels</c> of an .npz archive, or a folder of pictures.</summary>
public sealed partial class LabelledImages
{
    private readonly Func<int, int, Tensor> read;

    private LabelledImages(int[] labels, Func<int, int, Tensor> read)
    {
        Labels = labels;
        this.read = read;
    }

    /// <summary>The class of each picture.</summary>
    public int[] Labels { get; }

    /// <summary>Opens what <c>--data</c> names: <c>D.npz?divide=255</c>, or a folder with a class in the name of each sub-folder or picture.</summary>
    /// <param name="value">Path and how pictures become numbers, see <see cref="ImageOptions"/>.</param>
    /// <param name="type">Type that the input wants.</param>
    /// <param name="shape">Shape that the input wants.</param>
    /// <exception cref="FeedException">There is nothing to read, or it has no pictures and labels.</exception>
    public static LabelledImages Open(string value, DataType type, TensorShape shape)
    {
        string path = value.Split('?')[0];
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

    /// <summary>Some pictures in a row as one tensor.</summary>
    /// <exception cref="FeedException">They do not fit the input.</exception>
    public Tensor Batch(int first, int count) => read(first, count);

    private static LabelledImages OfArchive(string path, ImageOptions options, DataType type, TensorShape shape)
    {
        using FileStream stream = File.OpenRead(path);
        var arrays = NpzFile.Read(stream);
        if (!arrays.TryGetValue("images", out var images) || !arrays.TryGetValue("labels", out var labels))
            throw new FeedException($"'{path}' needs the arrays images and labels; it has {string.Join(", ", arrays.Keys.Order(StringComparer.Ordinal))}");
        if (images.Shape.Rank == 0 || images.Shape[0] != labels.ElementCount)
            throw new FeedException($"'{path}' has images of shape {images.Shape} and {labels.ElementCount} labels");
        Tensor numbers = FeedReader.Fit(labels, DataType.Int32, TensorShape.Unknown);
        return new([.. numbers.AsSpan<int>()], (first, count) => FeedReader.Fit(options.Prepare(Slice(images, first, count), type), type, shape));
    }

    private static LabelledImages OfFolder(string path, ImageOptions options, DataType type, TensorShape shape)
    {
        string[] files = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(ImageFile.IsPicture).Order(StringComparer.Ordinal)];
        if (files.Length == 0)
            throw new FeedException($"'{path}' has no pictures");
        string[] folders = [.. files.Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Distinct().Order(StringComparer.Ordinal)];
        int[] labels = [.. files.Select(file => ClassOf(path, file, folders))];
        return new(labels, (first, count) => Joined([.. files.Skip(first).Take(count).Select(file => ImageFile.Read(file, options, type, shape))]));
    }

    /// <summary>The number in the sub-folder's name, else its rank among the names; without sub-folders the first number in the picture's name.</summary>
    private static int ClassOf(string root, string file, string[] folders)
    {
        string folder = Path.GetDirectoryName(file)!;
        if (!string.Equals(Path.GetFullPath(folder), Path.GetFullPath(root).TrimEnd(Path.DirectorySeparatorChar), StringComparison.Ordinal))
            return int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : Array.IndexOf(folders, Path.GetFileName(folder));
        return NumberPattern().Match(Path.GetFileName(file)) is { Success: true } match
            ? int.Parse(match.Value, CultureInfo.InvariantCulture)
            : throw new FeedException($"'{file}' lies in no sub-folder of a class, and its name has no number of a class");
    }

    private static Tensor Slice(Tensor images, int first, int count)
    {
        int row = images.Bytes.Length / (int)images.Shape[0];
        return Tensor.FromContent(images.Type, TensorShape.Of([count, .. images.Shape.Dimensions.Skip(1)]), images.Bytes.Slice(first * row, count * row));
    }

    private static Tensor Joined(Tensor[] pictures) =>
        pictures.Length == 1
            ? pictures[0]
            : Tensor.FromContent(pictures[0].Type, TensorShape.Of([pictures.Length, .. pictures[0].Shape.Dimensions.Skip(1)]), pictures.SelectMany(picture => picture.Bytes.ToArray()).ToArray());

    [GeneratedRegex("[0-9]+", RegexOptions.None, 60_000)]
    private static partial Regex NumberPattern();
}
