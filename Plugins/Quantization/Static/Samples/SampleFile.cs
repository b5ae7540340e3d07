using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static.Samples;

/// <summary>Samples of the inputs: arrays by the names of the inputs, whose first dimension counts the samples.</summary>
internal static class SampleFile
{
    /// <summary>What each sample feeds.</summary>
    /// <exception cref="TransformException">The file is not an archive of arrays, or they do not fit the graph's inputs.</exception>
    public static ImmutableArray<Dictionary<string, Tensor>> Read(string path, Graph graph, TransformContext context)
    {
        IReadOnlyDictionary<string, Tensor> arrays = Arrays(path, context);
        Node[] inputs = [.. graph.Nodes.Where(node => node.Op is "Placeholder" or "PlaceholderWithDefault" && arrays.ContainsKey(node.Name))];
        if (graph.Nodes.FirstOrDefault(node => node.Op == "Placeholder" && !arrays.ContainsKey(node.Name)) is { } missing)
            throw Refused(path, $"it has no array '{missing.Name}' for the input of that name");
        long count = inputs.Length == 0 ? 0 : inputs.Min(input => arrays[input.Name].Shape is { Rank: > 0 } shape ? shape[0] : 0);
        if (count == 0)
            throw Refused(path, "its arrays have no samples along their first dimension");
        return [.. Enumerable.Range(0, (int)count).Select(sample => inputs.ToDictionary(input => input.Name, input => Slice(arrays[input.Name], sample), StringComparer.Ordinal))];
    }

    private static IReadOnlyDictionary<string, Tensor> Arrays(string path, TransformContext context)
    {
        try
        {
            using Stream stream = context.OpenFile(path);
            return NpzFile.Read(stream);
        }
        catch (InvalidDataException error)
        {
            throw new TransformException(StatusKind.InvalidArgument, $"'{path}' holds no samples: {error.Message}", inner: error) { Suggestion = "numpy.savez(FILE, INPUT=array) writes such files." };
        }
    }

    private static TransformException Refused(string path, string reason) =>
        new(StatusKind.InvalidArgument, $"'{path}' holds no samples of the graph: {reason}") { Suggestion = "numpy.savez(FILE, INPUT=array) writes such files." };

    private static Tensor Slice(Tensor array, int sample)
    {
        int bytes = array.Bytes.Length / (int)array.Shape[0];
        return Tensor.FromContent(array.Type, TensorShape.Of([1, .. array.Shape.Dimensions.Skip(1)]), array.Bytes.Slice(sample * bytes, bytes));
    }
}
