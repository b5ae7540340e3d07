using System.Buffers;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>Cuts strings into the values of a sparse matrix, a row for each. In the first version every byte of the delimiter cuts, and none means after every byte.</summary>
[Kernel("StringSplit", "StringSplitV2")]
internal sealed class StringSplit : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1, 2), TensorShape.Of(-1), TensorShape.Of(2)];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        if (input.Shape.Rank != 1)
            throw Refuse.Invalid($"input must be a vector, got shape: {input.Shape}");
        if (call.Inputs[1].Shape.Rank != 0)
            throw Refuse.Invalid($"delimiter must be a scalar, got shape: {call.Inputs[1].Shape}");
        ReadOnlyMemory<byte> delimiter = call.Inputs[1].Strings[0];
        Func<ReadOnlyMemory<byte>, List<ReadOnlyMemory<byte>>> split = call.Node.Op == "StringSplit"
            ? text => AtBytes(text, delimiter.Span, call.Node.Bool("skip_empty"))
            : delimiter.Length == 0 ? text => AtSpaces(text, call.Node.Int("maxsplit")) : text => AtSeparator(text, delimiter.Span, call.Node.Int("maxsplit"));
        var indices = new List<long>();
        var values = new List<ReadOnlyMemory<byte>>();
        int widest = 0;
        for (int row = 0; row < input.ElementCount; row++)
        {
            var parts = split(input.Strings[row]);
            widest = Math.Max(widest, parts.Count);
            for (int column = 0; column < parts.Count; column++)
                indices.AddRange([row, column]);
            values.AddRange(parts);
        }
        return
        [
            Integers.Write(DataType.Int64, TensorShape.Of(values.Count, 2), indices.ToArray()),
            Strings.Of(TensorShape.Of(values.Count), [.. values]),
            Integers.Write(DataType.Int64, TensorShape.Of(2), [input.ElementCount, widest]),
        ];
    }

    private static List<ReadOnlyMemory<byte>> AtBytes(ReadOnlyMemory<byte> text, ReadOnlySpan<byte> delimiters, bool skipsEmpty)
    {
        var parts = new List<ReadOnlyMemory<byte>>();
        if (delimiters.IsEmpty)
        {
            for (int i = 0; i < text.Length; i++)
                parts.Add(text.Slice(i, 1));
            return parts;
        }
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && !delimiters.Contains(text.Span[i]))
                continue;
            if (i > start || !skipsEmpty)
                parts.Add(text[start..i]);
            start = i + 1;
        }
        return parts;
    }

    private static List<ReadOnlyMemory<byte>> AtSeparator(ReadOnlyMemory<byte> text, ReadOnlySpan<byte> separator, int most)
    {
        var parts = new List<ReadOnlyMemory<byte>>();
        while (most < 0 || parts.Count < most)
        {
            int at = text.Span.IndexOf(separator);
            if (at < 0)
                break;
            parts.Add(text[..at]);
            text = text[(at + separator.Length)..];
        }
        parts.Add(text);
        return parts;
    }

    private static List<ReadOnlyMemory<byte>> AtSpaces(ReadOnlyMemory<byte> text, int most)
    {
        ReadOnlySpan<byte> spaces = " \t\n\v\f\r"u8;
        var parts = new List<ReadOnlyMemory<byte>>();
        text = text.TrimStart(spaces);
        while (text.Length > 0)
        {
            int at = most >= 0 && parts.Count == most ? -1 : text.Span.IndexOfAny(spaces);
            parts.Add(at < 0 ? text : text[..at]);
            text = at < 0 ? default : text[at..].TrimStart(spaces);
        }
        return parts;
    }
}
