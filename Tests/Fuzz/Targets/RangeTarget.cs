using System.Text;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Calibration;

namespace TransformFramework.Fuzz.Targets;

/// <summary>Files of ranges: read, merged, and asked for every range.</summary>
internal sealed class RangeTarget : FuzzTarget
{
    public override string Name => "ranges";

    public override IReadOnlyList<IModelSourceReader> Readers => [];

    public override IReadOnlyList<Seed> Seeds { get; } = [.. Enum.GetValues<RangeMethod>().Select(method => new Seed(method.ToString(), [("x.ranges", Ranges(method))]))];

    public override FuzzOutcome Read(Seed seed, CancellationToken cancellation)
    {
        try
        {
            var file = RangeFile.Read(new MemoryStream(seed.Files[0].Bytes));
            file.Merge(RangeFile.Read(new MemoryStream(seed.Files[0].Bytes)));
            foreach (string tensor in file.Tensors.Keys)
                file.Find(tensor);
            return FuzzOutcome.Read;
        }
        catch (InvalidDataException)
        {
            return FuzzOutcome.Recognized;
        }
    }

    public override Seed Mutate(Seed seed, Random random) =>
        random.Next(4) == 0 ? base.Mutate(seed, random) : seed.With(0, JsonMutation.Apply(seed.Files[0].Bytes, random));

    private static byte[] Ranges(RangeMethod method)
    {
        var statistics = new TensorStatistics();
        statistics.Add(Tensor.Create<float>(DataType.Float, TensorShape.Of(2, 3), [1, -2, 3, 0.5f, 0, 7]));
        var file = new RangeFile { Samples = 1, Choice = new(method) };
        file.Tensors["x"] = statistics;
        file.Tensors["y:1"] = new();
        using var written = new MemoryStream();
        file.Write(written);
        return written.ToArray();
    }
}
