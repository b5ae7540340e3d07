using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>
/// The likeliest label sequences of scores [time, batch, classes] by a beam search over prefixes (Graves et al., "Connectionist temporal classification", 2006); the blank is the last class. Scores are
/// normalized at each time. Results for each path: indices, values and shape of a sparse matrix, then the log probabilities [batch, paths].
/// </summary>
[Kernel("CTCBeamSearchDecoder")]
internal sealed class CtcBeamSearchDecoder : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor scores = call.Inputs[0];
        if (scores.Shape.Rank != 3)
            throw Refuse.Invalid($"inputs is not a 3-Tensor: {scores.Shape}");
        int times = (int)scores.Shape[0];
        int batch = (int)scores.Shape[1];
        int classes = (int)scores.Shape[2];
        long[] lengths = Integers.Read(call.Inputs[1]);
        if (lengths.Length != batch || lengths.Any(length => length < 0 || length > times))
            throw Refuse.Invalid($"sequence_length must have {batch} elements from 0 to {times}");
        int width = call.Node.Int("beam_width");
        int paths = call.Node.Int("top_paths");
        if (paths > width || classes < 2)
            throw Refuse.Invalid($"top_paths, {paths}, must not be larger than beam_width, {width}, and there must be two classes or more");
        double[] values = Floats.ToDoubles(scores);
        var found = new List<int>[batch][];
        double[] probabilities = new double[batch * paths];
        for (int sequence = 0; sequence < batch; sequence++)
        {
            var beam = new Beam(width, classes);
            for (int time = 0; time < lengths[sequence]; time++)
            {
                call.Cancellation.ThrowIfCancellationRequested();
                beam.Step(values.AsSpan(((time * batch) + sequence) * classes, classes));
            }
            (found[sequence], double[] best) = beam.Best(paths, call.Node.Bool("merge_repeated"));
            best.CopyTo(probabilities, sequence * paths);
        }
        var outputs = Enumerable.Range(0, paths).Select(path => Sparse(found, path)).ToArray();
        return [.. outputs.Select(output => output.Indices), .. outputs.Select(output => output.Values), .. outputs.Select(output => output.Shape), Floats.FromDoubles(scores.Type, TensorShape.Of(batch, paths), probabilities)];
    }

    private static (Tensor Indices, Tensor Values, Tensor Shape) Sparse(List<int>[][] found, int path)
    {
        var indices = new List<long>();
        var labels = new List<long>();
        int longest = 0;
        for (int sequence = 0; sequence < found.Length; sequence++)
        {
            List<int> row = found[sequence][path];
            longest = Math.Max(longest, row.Count);
            for (int i = 0; i < row.Count; i++)
                indices.AddRange([sequence, i]);
            labels.AddRange(row.Select(label => (long)label));
        }
        return (Integers.Write(DataType.Int64, TensorShape.Of(labels.Count, 2), [.. indices]), Integers.Write(DataType.Int64, TensorShape.Of(labels.Count), [.. labels]), Integers.Write(DataType.Int64, TensorShape.Of(2), [found.Length, longest]));
    }

    /// <summary>The prefixes that are kept, the likeliest first.</summary>
    private sealed class Beam
    {
        private readonly int width;
        private readonly int classes;
        private List<Prefix> kept;

        public Beam(int width, int classes)
        {
            this.width = width;
            this.classes = classes;
            kept = [new(null, -1) { Blank = 0, Total = 0 }];
        }

        /// <summary>Extends the prefixes by the scores of a time.</summary>
        public void Step(ReadOnlySpan<double> scores)
        {
            double[] log = Normalized(scores);
            int blank = classes - 1;
            foreach (Prefix prefix in kept)
                (prefix.OldBlank, prefix.OldLabel, prefix.OldTotal) = (prefix.Blank, prefix.LabelEnd, prefix.Total);
            foreach (Prefix prefix in kept)
            {
                if (prefix.Parent is { } parent)
                {
                    if (kept.Contains(parent))
                    {
                        double before = prefix.Label == parent.Label ? parent.OldBlank : parent.OldTotal;
                        prefix.LabelEnd = Add(prefix.OldLabel, before);
                    }
                    else
                    {
                        prefix.LabelEnd = prefix.OldLabel;
                    }
                    prefix.LabelEnd += log[prefix.Label];
                }
                prefix.Blank = prefix.OldTotal + log[blank];
                prefix.Total = Add(prefix.Blank, prefix.LabelEnd);
            }
            var next = new List<Prefix>(kept);
            foreach (Prefix prefix in kept)
            {
                for (int label = 0; label < blank; label++)
                {
                    Prefix child = prefix.Child(label);
                    if (kept.Contains(child))
                        continue;
                    child.Blank = double.NegativeInfinity;
                    child.LabelEnd = log[label] + (label == prefix.Label ? prefix.OldBlank : prefix.OldTotal);
                    child.Total = child.LabelEnd;
                    if (child.Total > double.NegativeInfinity)
                        next.Add(child);
                }
            }
            kept = [.. next.OrderByDescending(prefix => prefix.Total).Take(width)];
        }

        /// <summary>The labels of the likeliest prefixes with their log probabilities; where there are too few, nothing.</summary>
        public (List<int>[] Labels, double[] Probabilities) Best(int count, bool merges)
        {
            var labels = new List<int>[count];
            double[] probabilities = new double[count];
            for (int i = 0; i < count; i++)
            {
                labels[i] = i < kept.Count ? kept[i].Labels(merges) : [];
                probabilities[i] = i < kept.Count ? kept[i].Total : double.NegativeInfinity;
            }
            return (labels, probabilities);
        }

        private static double[] Normalized(ReadOnlySpan<double> scores)
        {
            double greatest = double.NegativeInfinity;
            foreach (double score in scores)
                greatest = Math.Max(greatest, score);
            double sum = 0;
            foreach (double score in scores)
                sum += Math.Exp(score - greatest);
            double[] log = scores.ToArray();
            double norm = greatest + Math.Log(sum);
            for (int i = 0; i < log.Length; i++)
                log[i] -= norm;
            return log;
        }

        private static double Add(double x, double y)
        {
            if (double.IsNegativeInfinity(x))
                return y;
            if (double.IsNegativeInfinity(y))
                return x;
            return Math.Max(x, y) + Math.Log(1 + Math.Exp(-Math.Abs(x - y)));
        }
    }

    /// <summary>A sequence of labels, as the sequence without its last one and that, with log probabilities of ending in a blank, in the label, and of either.</summary>
    private sealed class Prefix(Prefix? parent, int label)
    {
        private readonly Dictionary<int, Prefix> children = [];

        public Prefix? Parent => parent;

        public int Label => label;

        public double Blank { get; set; } = double.NegativeInfinity;

        public double LabelEnd { get; set; } = double.NegativeInfinity;

        public double Total { get; set; } = double.NegativeInfinity;

        public double OldBlank { get; set; } = double.NegativeInfinity;

        public double OldLabel { get; set; } = double.NegativeInfinity;

        public double OldTotal { get; set; } = double.NegativeInfinity;

        public Prefix Child(int next)
        {
            if (!children.TryGetValue(next, out var child))
                children.Add(next, child = new(this, next));
            return child;
        }

        public List<int> Labels(bool merges)
        {
            var labels = new List<int>();
            for (Prefix? at = this; at.Parent is not null; at = at.Parent)
            {
                if (!merges || labels.Count == 0 || labels[^1] != at.Label)
                    labels.Add(at.Label);
            }
            labels.Reverse();
            return labels;
        }
    }
}
