using System.Text;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.Tests.Pipeline;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Engine.Tests.Models;

/// <summary>A graph of 3 GiB: constants of 1 GiB in a sparse file.</summary>
[Trait("Category", "Large")]
public sealed class LargeFileTests : IDisposable
{
    private const long Gibibyte = 1L << 30;
    private const int Constants = 3;
    private const double AllowedMemory = 0.1;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("large");

    [SkippableFact]
    public void A_graph_of_three_gigabytes_is_read_transformed_and_written()
    {
        Skip.If(new DriveInfo(folder.FullName).AvailableFreeSpace < 5 * Gibibyte, "the disk has less than 5 GiB of room");
        string input = Path.Combine(folder.FullName, "in.pb");
        string output = Path.Combine(folder.FullName, "out.pb");
        WriteSparse(input);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using (LoadedModel model = ModelFile.Open(input, CancellationToken.None))
        {
            Assert.Equal(Constants + 1, model.Graph.Nodes.Length);
            Assert.Equal(7, model.Graph.Nodes[2].TensorAttribute("value")!.StoredBytes.Span[^1]);
            Assert.Equal(model.FileBytes, GraphDefWriter.Measure(model.Graph));
            var pipeline = new PipelineRunner(new PipelineRun().With("reverse", graph => graph.WithNodes([.. graph.Nodes.Reverse()])));
            Graph reversed = pipeline.Run(model.Graph, PipelineRun.Parse("reverse"), new PipelineOptions(), CancellationToken.None).Graph!;
            Assert.Equal(model.FileBytes, ModelFile.Save(reversed, output, asText: false, CancellationToken.None));
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (long)(AllowedMemory * Gibibyte));
        using LoadedModel again = ModelFile.Open(output, CancellationToken.None);
        Assert.Equal(["last", "c2", "c1", "c0"], again.Graph.Nodes.Select(node => node.Name));
        Assert.Equal(7, again.Graph.Nodes[1].TensorAttribute("value")!.StoredBytes.Span[^1]);
    }

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>Writes the bytes of each constant around its content, of which only the last byte is written.</summary>
    private static void WriteSparse(string path)
    {
        using var stream = new FileStream(path, FileMode.CreateNew);
        for (int number = 0; number < Constants; number++)
            WriteConstant(stream, $"c{number}", (byte)(5 + number));
        stream.Write(RoundTripTests.Binary(new Graph([new Node("last", "NoOp")])));
    }

    private static void WriteConstant(FileStream stream, string name, byte last)
    {
        byte[] type = [0x2A, 11, 0x0A, 5, .. "dtype"u8, 0x12, 2, 0x30, (byte)DataType.UInt8];
        byte[] shape = [0x12, 8, 0x12, 6, 0x08, .. Varint(Gibibyte)];
        byte[] content = [0x08, (byte)DataType.UInt8, .. shape, 0x22, .. Varint(Gibibyte)];
        byte[] value = [0x42, .. Varint(content.Length + Gibibyte), .. content];
        byte[] entry = [0x0A, 5, .. "value"u8, 0x12, .. Varint(value.Length + Gibibyte), .. value];
        byte[] node = [0x0A, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), 0x12, 5, .. "Const"u8, .. type, 0x2A, .. Varint(entry.Length + Gibibyte), .. entry];
        stream.Write([0x0A, .. Varint(node.Length + Gibibyte), .. node]);
        stream.Seek(Gibibyte - 1, SeekOrigin.Current);
        stream.WriteByte(last);
    }

    private static byte[] Varint(long value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
