using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Models;

/// <summary>A graph of which large constants are known by hash, sum and largest magnitude only.</summary>
internal static partial class CondensedGraph
{
    /// <summary>Part by which float constants may differ: folding evaluates float kernels.</summary>
    private const double Tolerance = 1e-5;

    public static Graph Read(string path)
    {
        using Stream file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return GraphDefReader.Read(bytes.ToArray());
    }

    /// <summary>The first difference of a graph from a condensed one, or null.</summary>
    public static string? Difference(Graph condensed, Graph actual)
    {
        for (int i = 0; i < Math.Min(condensed.Nodes.Length, actual.Nodes.Length); i++)
        {
            if (Difference(condensed.Nodes[i], actual.Nodes[i]) is { } difference)
                return $"node {i}: {difference}";
        }
        return condensed.Nodes.Length == actual.Nodes.Length ? null : $"{actual.Nodes.Length} nodes for {condensed.Nodes.Length}";
    }

    private static string? Difference(Node expected, Node actual)
    {
        if (expected.Name != actual.Name || expected.Op != actual.Op || expected.Device != actual.Device)
            return $"{actual} for {expected}";
        if (!expected.Inputs.Select(Spelling).SequenceEqual(actual.Inputs.Select(Spelling)))
            return $"{actual} for {expected}";
        if (!expected.Attributes.Keys.SequenceEqual(actual.Attributes.Keys))
            return $"{expected.Name}: attributes {string.Join(',', actual.Attributes.Keys)} for {string.Join(',', expected.Attributes.Keys)}";
        string? other = expected.Attributes.Keys.FirstOrDefault(name => !Same(expected.Attributes[name], actual.Attributes[name]));
        return other is null ? null : $"{expected.Name}: {other} is {actual.Attributes[other]} for {expected.Attributes[other]}";
    }

    private static string Spelling(NodeInput input) => input.Text.EndsWith(":0", StringComparison.Ordinal) && !input.IsControl ? input.Text[..^2] : input.Text;

    private static bool Same(AttributeValue expected, AttributeValue actual) => (expected, actual) switch
    {
        (TensorValue x, TensorValue y) => Same(x.Value, y.Value),
        (BytesValue x, TensorValue y) => Same(Encoding.UTF8.GetString(x.Bytes.Span), y.Value),
        _ => expected.Equals(actual),
    };

    private static bool Same(Tensor expected, Tensor actual)
    {
        if (expected.ContentEquals(actual))
            return true;
        if (expected.Type != DataType.Float || actual.Type != DataType.Float || !expected.Shape.Dimensions.SequenceEqual(actual.Shape.Dimensions))
            return false;
        ImmutableArray<float> x = [.. expected.AsSpan<float>()];
        ImmutableArray<float> y = [.. actual.AsSpan<float>()];
        double largest = x.Select(value => Math.Abs((double)value)).DefaultIfEmpty(0).Max();
        return x.Zip(y).All(pair => pair.First.Equals(pair.Second) || Math.Abs((double)pair.First - pair.Second) <= Tolerance * largest);
    }

    private static bool Same(string condensed, Tensor actual)
    {
        Match match = Pattern().Match(condensed);
        long[] shape = [.. match.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(text => long.Parse(text, CultureInfo.InvariantCulture))];
        if (!match.Success || (int)actual.Type != int.Parse(match.Groups["type"].Value, CultureInfo.InvariantCulture) || !actual.Shape.Dimensions.SequenceEqual(shape))
            return false;
        if (match.Groups["hash"].Value == Convert.ToHexStringLower(SHA256.HashData(actual.Bytes.Span)))
            return true;
        if (!match.Groups["sum"].Success || actual.Type != DataType.Float)
            return false;
        ReadOnlySpan<float> values = actual.AsSpan<float>();
        double sum = 0, largest = 0, magnitude = 0;
        foreach (float value in values)
        {
            sum += value;
            magnitude += Math.Abs((double)value);
            largest = Math.Max(largest, Math.Abs((double)value));
        }
        return Math.Abs(sum - Number(match, "sum")) <= Tolerance * magnitude && Math.Abs(largest - Number(match, "largest")) <= Tolerance * largest;
    }

    private static double Number(Match match, string group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^sha256=(?<hash>[0-9a-f]+) dtype=(?<type>\d+) shape=(?<shape>[\d,]*)( sum=(?<sum>\S+) absmax=(?<largest>\S+))?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pattern();
}
