using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>Images with their classes from what is read from the beginning to the end: TFRecord files, .tar archives, folders of these or of .npz archives, and lists.</summary>
/// <param name="wanted">The input.</param>
/// <param name="value">Path and options, as <c>--data</c> takes them.</param>
internal sealed class LabelledStream(SampleInputs wanted, string value)
{
    /// <summary>Whether a path is read so.</summary>
    public static bool Holds(string path)
    {
        if (SampleSource.IsList(path))
            return true;
        if (!Directory.Exists(path))
            return new SampleSource(path) is { IsRecords: true } or { IsTar: true };
        var files = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Select(file => new SampleSource(file)).ToList();
        return files.Exists(file => file.IsKnown) && !files.Exists(file => ImageFile.IsImage(file.Name));
    }

    /// <summary>The images in batches, see <see cref="LabelledImages.Batches"/>.</summary>
    public IEnumerable<BatchReading> Batches(int size, SampleSelection selection) =>
        ReadAhead.InOrder(SampleData.Items(wanted, value, selection with { Batch = size }), Read).Chunk(size).Select(BatchReading.Join);

    private static BatchReading Read(SampleItem item) => BatchReading.Of(item.Name, () =>
    {
        int label = item.Label is { } known ? known() : throw SampleInputs.Unlabelled(item.Name);
        Tensor image = item.Read().Values.Single();
        return image.Shape.Rank > 0 && image.Shape[0] == 1 ? new([label], image) : throw new FeedException($"the image {item.Name} has shape {image.Shape}, not a first dimension of 1");
    });
}
