using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Workflows.Quantization;

/// <summary>Samples as the transform quantize reads them: an .npz with an array an input, whose first dimension counts the samples.</summary>
/// <param name="Path">The file.</param>
/// <param name="Content">What it is to hold; null when it is there.</param>
public sealed record SampleArchive(string Path, ReadOnlyMemory<byte>? Content)
{
    private const long MostBytes = 1L << 30;

    /// <summary>The user's own file, where it has the form; else an archive to write; null when samples differ in shape or are too many to keep.</summary>
    /// <param name="file">The user's file, a path with options, of which all samples are used; null when there is none.</param>
    /// <param name="inputs">Names of the inputs.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="path">The file to write.</param>
    public static SampleArchive? Of(string? file, IReadOnlyCollection<string> inputs, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, string path)
    {
        if (file is not null && file.EndsWith(".npz", StringComparison.OrdinalIgnoreCase) && HasArrays(file, inputs))
            return new(file, null);
        return Stacked(samples) is { } arrays ? new(path, Written(arrays)) : null;
    }

    private static bool HasArrays(string file, IReadOnlyCollection<string> inputs)
    {
        using FileStream stream = File.OpenRead(file);
        var arrays = NpzFile.Read(stream);
        return inputs.All(input => arrays.TryGetValue(new NodeInput(input).Node, out Tensor? array) && array.Type == DataType.Float);
    }

    private static Dictionary<string, Tensor>? Stacked(IEnumerable<IReadOnlyDictionary<string, Tensor>> samples)
    {
        var rows = new Dictionary<string, List<Tensor>>(StringComparer.Ordinal);
        long bytes = 0;
        foreach (var (name, value) in samples.SelectMany(sample => sample))
        {
            string node = new NodeInput(name).Node;
            if (!rows.TryGetValue(node, out var list))
                rows[node] = list = [];
            bytes += value.Bytes.Length;
            if (bytes > MostBytes || value.Shape.Rank == 0 || value.Shape[0] != 1 || value.Type == DataType.String || (list.Count > 0 && (!list[0].Shape.Equals(value.Shape) || list[0].Type != value.Type)))
                return null;
            list.Add(value);
        }
        return rows.Values.Select(list => list.Count).Distinct().Count() == 1 ? rows.ToDictionary(entry => entry.Key, entry => Stack(entry.Value), StringComparer.Ordinal) : null;
    }

    private static Tensor Stack(List<Tensor> rows)
    {
        byte[] bytes = new byte[rows.Sum(row => row.Bytes.Length)];
        int at = 0;
        foreach (Tensor row in rows)
        {
            row.Bytes.Span.CopyTo(bytes.AsSpan(at));
            at += row.Bytes.Length;
        }
        return Tensor.FromContent(rows[0].Type, TensorShape.Of([rows.Count, .. rows[0].Shape.Dimensions.Skip(1)]), bytes);
    }

    private static byte[] Written(Dictionary<string, Tensor> arrays)
    {
        using var content = new MemoryStream();
        NpzFile.Write(content, arrays.OrderBy(array => array.Key, StringComparer.Ordinal));
        return content.ToArray();
    }
}
