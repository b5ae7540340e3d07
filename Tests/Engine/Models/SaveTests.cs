using System.Runtime.InteropServices;
using System.Diagnostics;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Engine.Tests.Models;

public sealed class SaveTests : IDisposable
{
    private const int Megabyte = 1 << 20;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("models");

    private string Output => Path.Combine(folder.FullName, "out.pb");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_saved_graph_opens_again(bool asText)
    {
        Graph graph = Constants(1, elements: 3);
        long written = ModelFile.Save(graph, Output, asText, CancellationToken.None);
        Assert.Equal(new FileInfo(Output).Length, written);
        using LoadedModel model = ModelFile.Open(Output, CancellationToken.None);
        GraphAssert.Same(graph, model.Graph);
        Assert.Equal(written, model.FileBytes);
    }

    [Fact]
    public void A_model_is_saved_over_its_own_file_while_it_is_open()
    {
        Graph graph = Constants(3, elements: Megabyte);
        ModelFile.Save(graph, Output, asText: false, CancellationToken.None);
        LoadedModel model = ModelFile.Open(Output, CancellationToken.None);
        ModelFile.Save(model.Graph.WithNodes([.. model.Graph.Nodes.Reverse()]), Output, asText: false, CancellationToken.None, model.Dispose);
        using LoadedModel again = ModelFile.Open(Output, CancellationToken.None);
        GraphAssert.Same(graph.WithNodes([.. graph.Nodes.Reverse()]), again.Graph);
    }

    [Fact]
    public void Tensors_of_small_files_are_views_of_what_was_read_once()
    {
        ModelFile.Save(Constants(2, elements: 1000), Output, asText: false, CancellationToken.None);
        using LoadedModel model = ModelFile.Open(Output, CancellationToken.None);
        ReadOnlyMemory<byte>[] contents = [.. model.Graph.Nodes.Take(2).Select(node => node.TensorAttribute("value")!.StoredBytes)];
        Assert.Equal(1, contents[1].Span[0]);
        Assert.True(MemoryMarshal.TryGetArray(contents[0], out var first) && MemoryMarshal.TryGetArray(contents[1], out var second) && ReferenceEquals(first.Array, second.Array));
    }

    [Fact]
    public void A_small_file_that_becomes_shorter_does_not_change_what_was_read()
    {
        using LoadedModel model = OpenThenShorten(elements: 1000);
        Assert.Equal(1, model.Graph.Nodes[1].TensorAttribute("value")!.StoredBytes.Span[0]);
    }

    [Fact]
    public void A_larger_file_that_becomes_shorter_is_refused_where_it_is_read_again()
    {
        using LoadedModel model = OpenThenShorten(elements: Megabyte);
        Assert.Contains("was written while it was read", Assert.Throws<ModelFormatException>(() => model.Graph.Nodes[1].TensorAttribute("value")!.StoredBytes.Span[0]).Message, StringComparison.Ordinal);
    }

    private LoadedModel OpenThenShorten(int elements)
    {
        ModelFile.Save(Constants(2, elements), Output, asText: false, CancellationToken.None);
        LoadedModel model = ModelFile.Open(Output, CancellationToken.None);
        using (var file = new FileStream(Output, FileMode.Open, FileAccess.Write))
            file.SetLength(100);
        return model;
    }

    [Fact]
    public void A_failure_leaves_the_existing_file_and_nothing_else()
    {
        File.WriteAllText(Output, "before");
        var bad = new Graph([new Node("n", "Op").With("x", new ListValue([new UnsetValue()]))]);
        Assert.Throws<ArgumentException>(() => ModelFile.Save(bad, Output, asText: false, CancellationToken.None));
        Unchanged();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cancellation_leaves_the_existing_file_and_nothing_else(bool asText)
    {
        File.WriteAllText(Output, "before");
        var cancelled = new CancellationToken(canceled: true);
        Assert.Throws<OperationCanceledException>(() => ModelFile.Save(Constants(1, 3), Output, asText, cancelled));
        Unchanged();
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        string path = Path.Combine(folder.FullName, "none", "out.pb");
        var error = Assert.Throws<ModelFormatException>(() => ModelFile.Save(Graph.Empty, path, asText: false, CancellationToken.None));
        Assert.Equal("TFX4011", error.DiagnosticId);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_place_of_the_file_is_named()
    {
        var error = Assert.Throws<ModelFormatException>(() => ModelFile.Save(Graph.Empty, folder.FullName, asText: false, CancellationToken.None));
        Assert.Equal("TFX4011", error.DiagnosticId);
    }

    [Fact]
    public void A_link_stays_a_link()
    {
        string target = Path.Combine(folder.FullName, "target.pb");
        File.WriteAllText(target, "before");
        File.CreateSymbolicLink(Output, target);
        ModelFile.Save(Constants(1, 3), Output, asText: false, CancellationToken.None);
        Assert.NotNull(new FileInfo(Output).LinkTarget);
        using LoadedModel model = ModelFile.Open(target, CancellationToken.None);
        Assert.Single(model.Graph.Nodes);
    }

    [SkippableFact]
    public void Pipes_are_read_and_written()
    {
        Skip.IfNot(File.Exists("/usr/bin/mkfifo"), "this system has no named pipes");
        string pipe = Path.Combine(folder.FullName, "pipe");
        using (Process maker = Process.Start("/usr/bin/mkfifo", [pipe]))
            maker.WaitForExit();
        Graph graph = Constants(2, elements: Megabyte);
        Task writing = Task.Run(() => ModelFile.Save(graph, pipe, asText: false, CancellationToken.None));
        using LoadedModel model = ModelFile.Open(pipe, CancellationToken.None);
        Assert.True(writing.Wait(TimeSpan.FromSeconds(30)), "the writer did not end with the reader");
        GraphAssert.Same(graph, model.Graph);
        Assert.Equal([pipe], Directory.GetFileSystemEntries(folder.FullName));
    }

    [SkippableFact]
    public void A_device_is_written_to_and_not_replaced()
    {
        Skip.IfNot(File.Exists("/dev/stdout"), "this system has no such devices");
        Assert.Equal(0, ModelFile.Save(Constants(1, 3), "/dev/null", asText: false, CancellationToken.None));
        Assert.Empty(File.ReadAllBytes("/dev/null"));
        Assert.Empty(Directory.GetFiles("/dev", "null.*.tmp"));
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static Graph Constants(int count, int elements) => new([.. Enumerable.Range(0, count).Select(number => Constant(number, elements))]);

    private static Node Constant(int number, int elements)
    {
        byte[] bytes = new byte[elements * sizeof(float)];
        bytes[0] = (byte)number;
        return Node.Constant($"c{number}", Tensor.FromContent(DataType.Float, TensorShape.Of(elements), bytes));
    }

    private void Unchanged()
    {
        Assert.Equal("before", File.ReadAllText(Output));
        Assert.Equal([Output], Directory.GetFileSystemEntries(folder.FullName));
    }
}
