using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>The n-grams of the rows of a ragged tensor of strings, for one or more widths, joined by a separator; rows are padded at both ends.</summary>
[Kernel("StringNGrams")]
internal sealed class StringNGrams : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1), node.Shapes[1]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor data = call.Inputs[0];
        long[] splits = Integers.Read(call.Inputs[1]);
        Check(data, splits);
        var rule = new Rule(call.Node);
        var grams = new List<ReadOnlyMemory<byte>>();
        long[] ends = new long[splits.Length];
        for (int row = 0; row + 1 < splits.Length; row++)
        {
            call.Cancellation.ThrowIfCancellationRequested();
            int before = grams.Count;
            var tokens = new ReadOnlyMemory<byte>[splits[row + 1] - splits[row]];
            for (int i = 0; i < tokens.Length; i++)
                tokens[i] = data.Strings[(int)splits[row] + i];
            foreach (int width in rule.Widths)
                rule.Add(tokens, width, rule.Count(tokens.Length, width), grams);
            if (rule.KeepsShort && grams.Count == before && tokens.Length > 0)
                rule.Add(tokens, tokens.Length + (2 * rule.PadWidth), 1, grams);
            ends[row + 1] = grams.Count;
        }
        return [Strings.Of(TensorShape.Of(grams.Count), [.. grams]), Integers.Write(call.Inputs[1].Type, call.Inputs[1].Shape, ends)];
    }

    private static void Check(Tensor data, long[] splits)
    {
        if (splits.Length > 0 && splits[0] != 0)
            throw Refuse.Invalid($"First split value must be 0, got {splits[0]}");
        for (int i = 1; i < splits.Length; i++)
        {
            if (splits[i] < splits[i - 1] || splits[i] > data.ElementCount)
                throw Refuse.Invalid($"Invalid split value {splits[i]}, must be in [{splits[i - 1]}, {data.ElementCount}]");
        }
        if (splits.Length > 0 && splits[^1] != data.ElementCount)
            throw Refuse.Invalid($"Last split value must be data size. Expected {data.ElementCount}, got {splits[^1]}");
    }

    /// <summary>How tokens become n-grams.</summary>
    private sealed class Rule(Node node)
    {
        private readonly byte[] separator = [.. Strings.Bytes(node.Text("separator")).Span];
        private readonly ReadOnlyMemory<byte> left = Strings.Bytes(node.Text("left_pad"));
        private readonly ReadOnlyMemory<byte> right = Strings.Bytes(node.Text("right_pad"));

        public int[] Widths { get; } = node.Ints("ngram_widths");

        /// <summary>Most pads at an end; negative for as many as the width leaves room for.</summary>
        public int PadWidth { get; } = node.Int("pad_width");

        public bool KeepsShort { get; } = node.Bool("preserve_short_sequences");

        /// <summary>Number of n-grams of so many tokens.</summary>
        public int Count(int tokens, int width) => Math.Max(0, tokens + (2 * Pads(width)) - width + 1);

        public void Add(ReadOnlyMemory<byte>[] tokens, int width, int count, List<ReadOnlyMemory<byte>> grams)
        {
            int pads = Pads(width);
            for (int i = 0; i < count; i++)
            {
                int before = Math.Max(0, pads - i);
                int after = Math.Max(0, pads - (count - (i + 1)));
                int taken = width - before - after;
                int first = before > 0 ? 0 : i - pads;
                var parts = Enumerable.Repeat(left, before).Concat(tokens.Skip(first).Take(taken)).Concat(Enumerable.Repeat(right, after));
                grams.Add(StringJoin.Join(parts, separator));
            }
        }

        private int Pads(int width) => PadWidth < 0 ? width - 1 : Math.Min(PadWidth, width - 1);
    }
}
