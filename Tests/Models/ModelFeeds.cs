using System.Runtime.InteropServices;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Models;

/// <summary>The three inputs of a model: the stored one, and two made of it by moving elements.</summary>
internal static class ModelFeeds
{
    private const int WaveHeader = 44;

    /// <param name="record">The model.</param>
    /// <param name="graph">Its graph; tells which inputs are strings.</param>
    /// <param name="number">1 for the stored input; 2 mirrors rows; 3 mirrors columns or rolls by half.</param>
    public static Dictionary<string, Tensor> Read(ModelRecord record, Graph graph, int number)
    {
        using Stream stream = File.OpenRead(record.Golden("feeds.npz")!);
        return NpzFile.Read(stream).ToDictionary(
            array => array.Key.Replace("__", "/", StringComparison.Ordinal),
            array => graph.Find(array.Key.Replace("__", "/", StringComparison.Ordinal))?.TypeAttribute("dtype") == DataType.String
                ? Tensor.FromStrings(TensorShape.Scalar, [Wave(array.Value.Bytes.ToArray(), number)])
                : Moved(array.Value, number),
            StringComparer.Ordinal);
    }

    private static byte[] Wave(byte[] file, int number)
    {
        Span<short> samples = MemoryMarshal.Cast<byte, short>(file.AsSpan(WaveHeader));
        if (number == 2)
            samples.Reverse();
        else if (number == 3)
            Roll(samples);
        return file;
    }

    private static void Roll(Span<short> samples)
    {
        short[] copy = samples.ToArray();
        for (int i = 0; i < copy.Length; i++)
            samples[(i + (copy.Length / 2)) % copy.Length] = copy[i];
    }

    private static Tensor Moved(Tensor tensor, int number)
    {
        var (axis, rolls) = (number, tensor.Shape.Rank) switch
        {
            (2, 4) => (2, false),
            (2, 2 or 3) => (1, false),
            (3, 4) => (1, false),
            (3, 3) when tensor.Shape[0] != 1 => (0, false),
            (3, 2 or 3) => (1, true),
            _ => (-1, false),
        };
        if (axis < 0)
            return tensor;
        int length = (int)tensor.Shape[axis];
        return Permute(tensor, axis, i => rolls ? (i - (length / 2) + length) % length : length - 1 - i);
    }

    private static Tensor Permute(Tensor tensor, int axis, Func<int, int> source)
    {
        long[] dimensions = [.. tensor.Shape.Dimensions];
        int length = (int)dimensions[axis];
        int inner = (int)dimensions.Skip(axis + 1).Aggregate((long)tensor.Type.Size(), (product, dimension) => product * dimension);
        ReadOnlySpan<byte> from = tensor.Bytes.Span;
        byte[] to = new byte[from.Length];
        for (int at = 0; at < to.Length; at += inner)
        {
            int row = at / inner;
            int index = row % length;
            from.Slice((row - index + source(index)) * inner, inner).CopyTo(to.AsSpan(at));
        }
        return Tensor.FromContent(tensor.Type, tensor.Shape, to);
    }
}
