using System.Text;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Sampling;

namespace TransformFramework.Workflows.Comparison;

/// <summary>How far the outputs of a model are from a reference's over samples. Neither the order of samples nor a split into shards can be seen in it.</summary>
/// <param name="outputs">Public names of the outputs.</param>
public sealed class ComparisonSums(IReadOnlyList<string> outputs)
{
    private readonly Sums[] sums = [.. outputs.Select(_ => new Sums())];

    /// <summary>Number of samples.</summary>
    public long Samples { get; private set; }

    /// <summary>Output by output: extremes of all samples, ratios of sums over them.</summary>
    public IReadOnlyList<OutputComparison> Outputs => [.. outputs.Select((name, i) => new OutputComparison(name, sums[i].Result()))];

    /// <summary>Takes in one sample.</summary>
    /// <param name="expected">The reference's outputs.</param>
    /// <param name="found">The others, in the same order.</param>
    public void Add(IReadOnlyList<Tensor> expected, IReadOnlyList<Tensor> found)
    {
        for (int i = 0; i < sums.Length; i++)
            sums[i].Add(expected[i], found[i]);
        Samples++;
    }

    /// <summary>Takes in the samples of others.</summary>
    public void Merge(ComparisonSums other)
    {
        for (int i = 0; i < sums.Length; i++)
            sums[i].Merge(other.sums[i]);
        Samples += other.Samples;
    }

    /// <summary>Writes the sums.</summary>
    public void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Samples);
        writer.Write(sums.Length);
        for (int i = 0; i < sums.Length; i++)
        {
            writer.Write(outputs[i]);
            sums[i].Write(writer);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are something else.</exception>
    public static ComparisonSums Read(byte[] content)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(content));
            long samples = reader.ReadInt64();
            (string Name, Sums Sums)[] read = [.. Enumerable.Range(0, Math.Clamp(reader.ReadInt32(), 0, content.Length)).Select(_ => (reader.ReadString(), Sums.Read(reader)))];
            var result = new ComparisonSums([.. read.Select(entry => entry.Name)]) { Samples = samples };
            for (int i = 0; i < read.Length; i++)
                result.sums[i].Merge(read[i].Sums);
            return result;
        }
        catch (Exception error) when (error is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException("not the sums of a comparison", error);
        }
    }

    /// <summary>The sums of one output.</summary>
    private sealed class Sums
    {
        private ExactSums powers = new(4);
        private double maxDifference;
        private double maxReference;
        private long rows;
        private long same;
        private bool isApart;

        public void Add(Tensor expected, Tensor found)
        {
            if (ComparisonMoments.Of(expected, found) is not { } moments)
            {
                long here = ComparisonMoments.RowsOf(expected.Shape, expected.ElementCount);
                bool isEqual = expected.ContentEquals(found);
                isApart |= !isEqual;
                rows += here;
                same += isEqual ? here : 0;
                return;
            }
            maxDifference = Math.Max(maxDifference, moments.MaxDifference);
            maxReference = Math.Max(maxReference, moments.MaxReference);
            rows += moments.Rows;
            same += moments.SameTop;
            isApart |= moments.IsApart;
            powers.Add([moments.Signal, moments.Noise, moments.Dot, moments.Power]);
        }

        public void Merge(Sums other)
        {
            powers.Merge(other.powers);
            maxDifference = Math.Max(maxDifference, other.maxDifference);
            maxReference = Math.Max(maxReference, other.maxReference);
            rows += other.rows;
            same += other.same;
            isApart |= other.isApart;
        }

        /// <summary>The ratios of the sums; those over samples are not rounded, those of a sample are.</summary>
        public TensorComparison Result() => new ComparisonMoments(maxDifference, maxReference, powers[0], powers[1], powers[2], powers[3])
        {
            Rows = Math.Max(1, rows),
            SameTop = rows == 0 ? 1 : same,
            IsApart = isApart,
        }.ToComparison();

        public void Write(BinaryWriter writer)
        {
            powers.Write(writer);
            writer.Write(maxDifference);
            writer.Write(maxReference);
            writer.Write(rows);
            writer.Write(same);
            writer.Write(isApart);
        }

        public static Sums Read(BinaryReader reader) => new()
        {
            powers = ExactSums.Read(reader, 4),
            maxDifference = reader.ReadDouble(),
            maxReference = reader.ReadDouble(),
            rows = reader.ReadInt64(),
            same = reader.ReadInt64(),
            isApart = reader.ReadBoolean(),
        };
    }
}
