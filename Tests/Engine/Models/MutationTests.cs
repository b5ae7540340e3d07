using CsCheck;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Models.Detection;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Engine.Tests.Models;

public sealed class MutationTests
{
    private const int Mutants = 50_000;

    [Fact]
    public void Damaged_binaries_give_graphs_or_clear_errors() => Survives(FileGraphs.Graph.Select(RoundTripTests.Binary));

    [Fact]
    public void Damaged_texts_give_graphs_or_clear_errors() => Survives(FileGraphs.Graph.Select(RoundTripTests.Text));

    [Fact]
    public void Functions_nested_beyond_every_measure_are_refused()
    {
        byte[] bytes = [];
        for (int depth = 0; depth < 500; depth++)
            bytes = Delimited(0x52, Delimited(0x12, [0x0A, 0x00, .. Delimited(0x12, bytes)]));
        byte[] graph = Delimited(0x0A, Delimited(0x2A, [0x0A, 0x00, .. Delimited(0x12, bytes)]));
        var error = Assert.Throws<ModelFormatException>(() => GraphDefReader.Read(graph));
        Assert.Contains("nest deeper", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_nested_beyond_every_measure_are_refused()
    {
        byte[] groups = [.. Enumerable.Repeat((byte)0x53, 1_000_000)];
        Assert.Throws<ModelFormatException>(() => GraphDefReader.Read(groups));
    }

    [Fact]
    public void Text_nested_beyond_every_measure_is_refused()
    {
        string text = "node { attr { value { " + string.Concat(Enumerable.Repeat("list { func { attr { value { ", 100_000));
        Assert.Throws<ModelFormatException>(() => GraphTextFormat.Read(System.Text.Encoding.ASCII.GetBytes(text)));
    }

    [Fact]
    public void A_length_of_two_gigabytes_allocates_nothing()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ModelFormatException>(() => GraphDefReader.Read(new byte[] { 0x0A, 0x08, 0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0, 0 }));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static void Survives(Gen<byte[]> originals)
    {
        var mutants = Gen.Select(originals, Gen.Select(Gen.Int[0, 3], Gen.Int[0, int.MaxValue], Gen.Byte).Array[1, 4], Mutate);
        mutants.Sample(
            bytes =>
            {
                using var source = new BufferedFile(bytes, "graph");
                try
                {
                    Graph graph = GraphDetection.Read(source, "mutant", CancellationToken.None);
                    GraphDefReader.Read(RoundTripTests.Binary(graph));
                }
                catch (ModelFormatException error)
                {
                    Assert.StartsWith("TFX4", error.DiagnosticId, StringComparison.Ordinal);
                }
            },
            iter: Mutants);
    }

    private static byte[] Mutate(byte[] original, (int Kind, int At, byte Value)[] changes)
    {
        var bytes = new List<byte>(original);
        foreach (var (kind, at, value) in changes)
        {
            if (bytes.Count == 0)
                break;
            int index = at % bytes.Count;
            switch (kind)
            {
                case 0:
                    bytes[index] = value;
                    break;
                case 1:
                    bytes.Insert(index, value);
                    break;
                case 2:
                    bytes.RemoveAt(index);
                    break;
                default:
                    bytes.RemoveRange(index, Math.Min(value, bytes.Count - index));
                    break;
            }
        }
        return [.. bytes];
    }

    private static byte[] Delimited(byte tag, byte[] payload)
    {
        var bytes = new List<byte> { tag };
        uint length = (uint)payload.Length;
        for (; length >= 0x80; length >>= 7)
            bytes.Add((byte)(length | 0x80));
        bytes.Add((byte)length);
        return [.. bytes, .. payload];
    }
}
