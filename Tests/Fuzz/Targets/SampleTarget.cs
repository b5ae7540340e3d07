using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Toolkit.Checkpoints;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Fuzz.Targets;

/// <summary>Samples as commands read them: TFRecord files of Examples, .tar archives, archives of arrays, lists; with and without classes.</summary>
internal sealed class SampleTarget : FuzzTarget
{
    private static readonly ModelEndpoints Model = new(GraphText.Parse("x = Placeholder() {dtype=float, shape=(?,2,3)}\ny = Relu(x) {T=float}\n"), signature: null);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("fuzz-samples");

    public override string Name => "samples";

    public override IReadOnlyList<IModelSourceReader> Readers => [];

    public override IReadOnlyList<Seed> Seeds { get; } =
    [
        new("records", [("x.tfrecord", Records())]), new("tar", [("x.tar", Tar())]), new("archive", [("x.npz", Archive())]), new("list", [("x.list", "x.npy\t1\n# more\nx.png\t0\n"u8.ToArray())]),
    ];

    public override FuzzOutcome Read(Seed seed, CancellationToken cancellation)
    {
        var (name, bytes) = seed.Files[0];
        string path = Path.Combine(folder.FullName, name);
        File.WriteAllBytes(path, bytes);
        bool isRead = Try(() => SampleData.Read(Model, ["x"], path).Count());
        return Try(() => LabelledImages.Open(Model, Model.Graph.Nodes[0], path).Batches(2).Count()) || isRead ? FuzzOutcome.Read : FuzzOutcome.Recognized;
    }

    /// <summary>Examples are changed within their checksums.</summary>
    public override Seed Mutate(Seed seed, Random random) => seed.Name == "records" && random.Next(4) > 0
        ? seed.With(0, [.. Enumerable.Range(0, 3).SelectMany(_ => Record(MessageMutation.Change(Example(), random)))])
        : base.Mutate(seed, random);

    private static bool Try(Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (Exception refusal) when (refusal is FeedException or WorkException or EndpointException)
        {
            return false;
        }
    }

    private static byte[] Records() => [.. Record(Example()), .. Record(Example())];

    private static byte[] Record(byte[] content)
    {
        byte[] length = BitConverter.GetBytes((ulong)content.Length);
        return [.. length, .. Checksum(length), .. content, .. Checksum(content)];
    }

    private static byte[] Checksum(byte[] bytes)
    {
        byte[] checksum = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, Crc32C.Mask(Crc32C.Compute(bytes)));
        return checksum;
    }

    /// <summary>An Example with six numbers x, a class and an image's name.</summary>
    private static byte[] Example()
    {
        byte[] numbers = [.. Enumerable.Range(0, 6).SelectMany(i => BitConverter.GetBytes((float)i))];
        return Field(1, [.. Feature("x", Field(2, Field(1, numbers))), .. Feature("label", Field(3, Field(1, [1]))), .. Feature("name", Field(1, Field(1, "a.png"u8.ToArray())))]);
    }

    private static byte[] Feature(string key, byte[] value) => Field(1, [.. Field(1, Encoding.UTF8.GetBytes(key)), .. Field(2, value)]);

    private static byte[] Field(int number, byte[] payload) => [(byte)((number << 3) | 2), (byte)payload.Length, .. payload];

    private static byte[] Tar()
    {
        using var written = new MemoryStream();
        using (var writer = new TarWriter(written, leaveOpen: true))
        {
            foreach (var (name, content) in new[] { ("a/01.npy", Rows(1)), ("a/01.cls", "1"u8.ToArray()), ("a/02.x.npy", Rows(1)), ("a/02.cls", "0"u8.ToArray()) })
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }
        return written.ToArray();
    }

    private static byte[] Archive()
    {
        using var written = new MemoryStream();
        NpzFile.Write(written, [new("images", Tensor.Create<float>(DataType.Float, TensorShape.Of(2, 2, 3), new float[12])), new("labels", Tensor.Create<long>(DataType.Int64, TensorShape.Of(2), [0, 1]))]);
        return written.ToArray();
    }

    private static byte[] Rows(int count) => NpyFile.Write(Tensor.Create<float>(DataType.Float, TensorShape.Of(count, 2, 3), new float[6 * count]));
}
