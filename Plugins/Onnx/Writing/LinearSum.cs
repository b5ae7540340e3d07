using TransformFramework.Graphs;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Writing;

/// <summary>Products of tensors with constant matrices, added up, and a constant: what the gates of a recurrent cell are made of.</summary>
/// <param name="Terms">Each tensor's name with its matrix, row by row.</param>
/// <param name="Bias">The constant, a number for each column.</param>
internal sealed record LinearSum(IReadOnlyDictionary<string, float[]> Terms, float[] Bias)
{
    public int Columns => Bias.Length;

    /// <summary>A name as such a sum, or null when it is none.</summary>
    public static LinearSum? Of(LoopBody body, string name) => body.Producer(name) switch
    {
        { Op: "MatMul" } product => Product(body, product.Inputs[0], product.Inputs[1]),
        { Op: "Gemm" } product when IsPlain(product) => Plus(body, Product(body, product.Inputs[0], product.Inputs[1]), product.Inputs.Count > 2 ? product.Inputs[2] : ""),
        { Op: "Add" } sum => OfAddition(body, sum),
        { Op: "Split" } split => Of(body, split.Inputs[0])?.Part(body.Port(name), split.Outputs.Count),
        _ => null,
    };

    /// <summary>Some of the columns: a part of several of the same width.</summary>
    public LinearSum? Part(int index, int parts)
    {
        if (Columns % parts != 0)
            return null;
        int width = Columns / parts;
        return new(Terms.ToDictionary(term => term.Key, term => Columnwise(term.Value, index * width, width), StringComparer.Ordinal), Bias[(index * width)..((index + 1) * width)]);
    }

    private float[] Columnwise(float[] matrix, int start, int width)
    {
        float[] part = new float[matrix.Length / Columns * width];
        for (int i = 0; i < part.Length; i++)
            part[i] = matrix[(i / width * Columns) + start + (i % width)];
        return part;
    }

    private static bool IsPlain(OnnxNode gemm) => gemm.Attributes.All(attribute => attribute.Key switch
    {
        "transA" or "transB" => attribute.Value is 0L,
        "alpha" or "beta" => attribute.Value is 1f,
        _ => true,
    });

    private static LinearSum? OfAddition(LoopBody body, OnnxNode sum)
    {
        var (left, right) = (Of(body, sum.Inputs[0]), Of(body, sum.Inputs[1]));
        if (left is not null && right is not null)
            return left.Plus(right);
        return left is not null ? Plus(body, left, sum.Inputs[1]) : Plus(body, right, sum.Inputs[0]);
    }

    private LinearSum? Plus(LinearSum other)
    {
        if (Columns != other.Columns)
            return null;
        var terms = Terms.ToDictionary(StringComparer.Ordinal);
        foreach (var (source, matrix) in other.Terms)
        {
            if (terms.TryGetValue(source, out float[]? present) && present.Length != matrix.Length)
                return null;
            terms[source] = present is null ? matrix : [.. present.Zip(matrix, (a, b) => a + b)];
        }
        return new(terms, [.. Bias.Zip(other.Bias, (a, b) => a + b)]);
    }

    private static LinearSum? Plus(LoopBody body, LinearSum? sum, string bias)
    {
        if (sum is null || bias.Length == 0)
            return sum;
        if (body.Floats(bias) is not { } constant || (constant.ElementCount != 1 && (constant.ElementCount != sum.Columns || constant.Shape[constant.Shape.Rank - 1] != sum.Columns)))
            return null;
        float[] values = constant.AsSpan<float>().ToArray();
        return sum with { Bias = [.. sum.Bias.Select((value, i) => value + values[values.Length == 1 ? 0 : i])] };
    }

    private static LinearSum? Product(LoopBody body, string left, string right)
    {
        if (body.Floats(right) is not { Shape.Rank: 2 } matrix)
            return null;
        int columns = (int)matrix.Shape[1];
        float[] values = matrix.AsSpan<float>().ToArray();
        var terms = new Dictionary<string, float[]>(StringComparer.Ordinal);
        bool isJoined = body.Producer(left, "Concat") is { } concat && concat.Attributes.GetValueOrDefault("axis") is 1L or -1L;
        int start = 0;
        foreach (string source in isJoined ? body.Producer(left)!.Inputs : [left])
        {
            int rows = isJoined ? Width(body, source) : (int)matrix.Shape[0];
            if (rows < 0 || (long)(start + rows) * columns > values.Length || !terms.TryAdd(body.Resolve(source), values[(start * columns)..((start + rows) * columns)]))
                return null;
            start += rows;
        }
        return start == matrix.Shape[0] ? new(terms, new float[columns]) : null;
    }

    private static int Width(LoopBody body, string source) => body.Info(source) is { Rank: 2 } info && info.Shape[1] is >= 0 and <= int.MaxValue and var width ? (int)width : -1;
}
