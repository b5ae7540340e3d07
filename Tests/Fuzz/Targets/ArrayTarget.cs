using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Fuzz.Targets;

/// <summary>NumPy's archives and arrays.</summary>
internal sealed class ArrayTarget : FuzzTarget
{
    public override string Name => "npz";

    public override IReadOnlyList<IModelSourceReader> Readers => [];

    public override IReadOnlyList<Seed> Seeds { get; } = [.. Arrays()];

    public override FuzzOutcome Read(Seed seed, CancellationToken cancellation)
    {
        byte[] bytes = seed.Files[0].Bytes;
        try
        {
            if (bytes is [0x93, ..])
                NpyFile.Read(bytes);
            else
                NpzFile.Read(new MemoryStream(bytes));
            return FuzzOutcome.Read;
        }
        catch (InvalidDataException)
        {
            return FuzzOutcome.Recognized;
        }
    }

    private static IEnumerable<Seed> Arrays()
    {
        Tensor floats = Tensor.Create<float>(DataType.Float, TensorShape.Of(2, 3), [1, 2, 3, 4, 5, 6]);
        Tensor longs = Tensor.Create<long>(DataType.Int64, TensorShape.Of(4), [1, 2, 3, 4]);
        Tensor texts = Tensor.FromStrings(TensorShape.Of(2), ["ab"u8.ToArray(), "c"u8.ToArray()]);
        foreach (Tensor tensor in new[] { floats, longs, texts })
            yield return new(tensor.Type.Name(), [("x.npy", NpyFile.Write(tensor))]);
        using var archive = new MemoryStream();
        NpzFile.Write(archive, [new("a", floats), new("b", longs), new("c", texts)]);
        yield return new("archive", [("x.npz", archive.ToArray())]);
    }
}
