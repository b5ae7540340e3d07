using System.Collections.Immutable;
using TransformFramework.Engine.Files;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Engine.Tests.Models;

/// <summary>What a writer of several files leaves, when it ends and when it fails.</summary>
public sealed class ModelOutputTests : IDisposable
{
    private static readonly ModelContent Model = new(Graph.Empty);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("output");

    private string File1 => Path.Combine(folder.FullName, "m.x");

    [Fact]
    public void A_file_and_its_siblings_appear_together()
    {
        WrittenModel written = Output(File1, "parts", (sink, _) => Write(sink.Main, 3).And(sink.Create("m.data"), 4)).Write(Model, new(), CancellationToken.None);

        Assert.Equal(("parts", 7L), (written.Format, written.Bytes));
        Assert.Equal(["m.data", "m.x"], Names());
    }

    [Theory]
    [InlineData("g.gtxt", null)]
    [InlineData("g", "gtxt")]
    public void A_graph_goes_out_in_the_compact_form_and_comes_back(string name, string? format)
    {
        Graph graph = GraphText.Parse("versions {producer=134}\nx = Placeholder() {dtype=float, shape=(2)}\ny = Relu(x) {T=float}");
        string path = Path.Combine(folder.FullName, name);
        var chosen = OutputFormat.Choose(path, format, () => throw new InvalidOperationException("no plugin is needed"));
        WrittenModel written = new ModelOutput(path, chosen, plugins: null).Write(new ModelContent(graph), new(), CancellationToken.None);

        Assert.Equal("gtxt", written.Format);
        Assert.Equal(written.Bytes, new FileInfo(path).Length);
        Assert.Equal(GraphText.Print(graph), GraphText.Print(GraphText.Parse(File.ReadAllText(path))));
    }

    [Fact]
    public void A_failing_writer_leaves_what_was_there()
    {
        File.WriteAllText(File1, "before");
        ModelOutput output = Output(File1, "parts", (sink, _) =>
        {
            Write(sink.Main, 3).And(sink.Create("m.data"), 4);
            throw new ModelFormatException("no form for 'n'");
        });

        Assert.Throws<ModelRefusedException>(() => output.Write(Model, new(), CancellationToken.None));
        Assert.Equal("before", File.ReadAllText(File1));
        Assert.Equal(["m.x"], Names());
    }

    [Fact]
    public void A_graph_that_its_release_would_refuse_is_not_written()
    {
        Graph before = GraphText.Parse("versions {producer=134}\nx = Placeholder() {dtype=float, shape=(2)}\ny = Relu(x) {T=float}");
        Graph after = GraphText.Parse("versions {producer=134}\nx = Placeholder() {dtype=float, shape=(2)}\ny = Relu(x) {T=half}");
        string path = Path.Combine(folder.FullName, "g.pbtxt");
        ModelOutput output = ModelOutput.GraphDefText(path);

        var refusal = Assert.Throws<ModelRefusedException>(() => output.Write(new ModelContent(after), new(), CancellationToken.None, origin: new(ReleaseBaseline.Of(before))));
        Assert.Equal("TFX4143", refusal.DiagnosticId);
        Assert.Contains("Input 0 of node y was passed float", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Names());

        Assert.Equal("TFX4144", Assert.Single(output.Write(new ModelContent(after), new(), CancellationToken.None, origin: new(ReleaseBaseline.Of(after))).Diagnostics).Id);
        Assert.Equal(["g.pbtxt"], Names());
    }

    [Fact]
    public void A_folder_replaces_a_model_and_nothing_else()
    {
        string path = Path.Combine(folder.FullName, "saved");
        ModelOutput output = Output(path + "/", "saved_model", (sink, _) => Write(sink.Create("saved_model.pb"), 2).And(sink.Create("variables/v"), 5));
        Assert.Equal(7, output.Write(Model, new(), CancellationToken.None).Bytes);
        Assert.Equal(7, output.Write(Model, new(), CancellationToken.None).Bytes);
        Assert.Equal(["saved"], Names());

        File.Delete(Path.Combine(path, "saved_model.pb"));
        Assert.Equal("TFX4011", Assert.Throws<ModelFormatException>(output.Check).DiagnosticId);
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("/evil")]
    [InlineData("sub/evil")]
    public void A_sibling_elsewhere_is_refused(string name)
    {
        Assert.ThrowsAny<Exception>(() => Output(File1, "parts", (sink, _) => Write(sink.Create(name), 1)).Write(Model, new(), CancellationToken.None));
        Assert.Empty(Names());
    }

    [Theory]
    [InlineData("opset", "17", null)]
    [InlineData("opset", "x", "a whole number")]
    [InlineData("ends", "int8", null)]
    [InlineData("ends", "int9", "int8|float")]
    [InlineData("none", "1", "no option of the format")]
    public void Options_of_the_format_are_checked_before_work_starts(string name, string value, string? refusal)
    {
        ModelOutput output = Output(File1, "parts", (_, _) => { }, ImmutableDictionary<string, string>.Empty.Add(name, value));
        if (refusal is null)
            output.Check();
        else
            Assert.Contains(refusal, Assert.Throws<OutputFormatException>(output.Check).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_relative_link_is_followed_beside_itself()
    {
        string link = Path.Combine(folder.FullName, "link.pb");
        File.CreateSymbolicLink(link, "target.pb");
        ModelFile.Save(new Graph([new Node("n", "NoOp")]), link, asText: false, CancellationToken.None);

        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.True(File.Exists(Path.Combine(folder.FullName, "target.pb")));
    }

    public void Dispose() => folder.Delete(recursive: true);

    private string[] Names() => [.. folder.EnumerateFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    private static ModelOutput Output(string path, string format, Action<ModelSink, ModelWriteOptions> write, ImmutableDictionary<string, string>? settings = null)
    {
        var description = new FormatDescription(format, [".x"], "") { Writes = true, Options = [new("opset", "N", "Operator set."), new("ends", "int8|float", "Types of the ends.")] };
        return new(path, new OutputFormat(description, _ => new Writer(write)), settings: settings);
    }

    private static Chain Write(Stream stream, int count) => default(Chain).And(stream, count);

    private readonly struct Chain
    {
        public Chain And(Stream stream, int count)
        {
            stream.Write(new byte[count]);
            return this;
        }
    }

    private sealed class Writer(Action<ModelSink, ModelWriteOptions> write) : IModelSinkWriter
    {
        public void Write(ModelContent model, ModelWriteOptions options, ModelSink sink, CancellationToken cancellation) => write(sink, options);
    }
}
