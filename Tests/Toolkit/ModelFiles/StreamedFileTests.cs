using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Toolkit.Tests.ModelFiles;

public sealed class StreamedFileTests : IDisposable
{
    private const int Floats = 1 << 19;

    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Weights_are_read_when_they_are_looked_at_and_again_after_they_were_given_back()
    {
        Graph written = Save();
        using ModelSourceFile file = FileOpener.Open(path, CancellationToken.None);
        Graph graph = GraphDefReader.Read(file, CancellationToken.None);
        Assert.True(written.Nodes.SequenceEqual(graph.Nodes));
        foreach (Node node in graph.Nodes)
            MappedPages.Release(node.TensorAttribute("value")!.StoredBytes);
        Assert.True(written.Nodes.SequenceEqual(graph.Nodes));
    }

    [Fact]
    public void Weights_can_be_read_into_other_memory()
    {
        Graph written = Save();
        using ModelSourceFile file = FileOpener.Open(path, CancellationToken.None);
        ReadOnlyMemory<byte> stored = GraphDefReader.Read(file, CancellationToken.None).Nodes[2].TensorAttribute("value")!.StoredBytes;
        byte[] target = new byte[stored.Length];
        byte[] buffer = [];
        Assert.True(MappedPages.TryRead(stored, target.AsSpan()));
        Assert.True(MappedPages.TryRead(stored, ref buffer)!.Value.Span.SequenceEqual(target));
        Assert.True(written.Nodes[2].TensorAttribute("value")!.StoredBytes.Span.SequenceEqual(target));
        Assert.False(MappedPages.TryRead(stored, target.AsSpan(1)));
        Assert.False(MappedPages.TryRead(target, target.AsSpan()));
    }

    [Fact]
    public void A_graph_of_a_streamed_file_is_written_as_it_was()
    {
        Save();
        using ModelSourceFile file = FileOpener.Open(path, CancellationToken.None);
        var copy = new MemoryStream();
        GraphDefWriter.Write(GraphDefReader.Read(file, CancellationToken.None), copy);
        Assert.True(copy.ToArray().AsSpan().SequenceEqual(File.ReadAllBytes(path)));
    }

    [Fact]
    public void A_file_that_was_written_meanwhile_is_refused()
    {
        Save();
        using ModelSourceFile file = FileOpener.Open(path, CancellationToken.None);
        Graph graph = GraphDefReader.Read(file, CancellationToken.None);
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        Assert.Contains("was written while it was read", Assert.Throws<ModelFormatException>(() => graph.Nodes[0].TensorAttribute("value")!.AsSpan<float>().Length).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_was_cut_short_meanwhile_is_refused()
    {
        Save();
        using ModelSourceFile file = FileOpener.Open(path, CancellationToken.None);
        Graph graph = GraphDefReader.Read(file, CancellationToken.None);
        using (FileStream stream = File.OpenWrite(path))
            stream.SetLength(Floats);
        Assert.Throws<ModelFormatException>(() => graph.Nodes[2].TensorAttribute("value")!.AsSpan<float>().Length);
    }

    [Fact]
    public void A_slice_has_the_bytes_of_the_file()
    {
        Save();
        byte[] bytes = File.ReadAllBytes(path);
        using ModelSourceFile file = FileOpener.Open(path, CancellationToken.None);
        foreach (var (offset, length) in new[] { (0, 3), (9, 9000), (60_000, 60_000), (bytes.Length - 8, 8), (0, bytes.Length) })
        {
            Assert.True(file.View(offset, length).Span.SequenceEqual(bytes.AsSpan(offset, length)));
            Assert.True(file.Slice(offset, length).Span.SequenceEqual(bytes.AsSpan(offset, length)));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => file.View(1, bytes.Length));
    }

    /// <summary>Writes large constants, as content and as values, with a small one in between.</summary>
    private Graph Save()
    {
        float[] weights = [.. Enumerable.Range(0, Floats).Select(i => i * 0.25f)];
        Tensor content = Tensor.Create<float>(DataType.Float, TensorShape.Of(Floats), weights);
        Tensor values = Tensor.FromValues(DataType.Float, TensorShape.Of(Floats), content.StoredBytes);
        Tensor[] tensors = [content, Tensor.Scalar(1), values];
        var graph = new Graph([.. tensors.Select((tensor, i) => new Node($"c{i}", "Const", [], AttributeMap.Create([new("value", new TensorValue(tensor)), new("dtype", new TypeValue(DataType.Float))])))]);
        using FileStream stream = File.Create(path);
        GraphDefWriter.Write(graph, stream);
        return graph;
    }
}
