using System.IO.Compression;
using System.Text;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Engine.Tests.Models;

public sealed class ForeignFileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("models");

    public static TheoryData<string, byte[], string> Foreign => new()
    {
        { "saved_model.pb", [0x08, 0x01, 0x12, 0x04, 0x0A, 0x02, 0x08, 0x01], "a SavedModel" },
        { "meta.pb", [0x0A, 0x0A, 0x2A, 0x06, .. "1.15.5"u8, 0x32, 0x00, 0x12, 0x02, 0x0A, 0x00], "a MetaGraph" },
        { "m.onnx", [0x08, 0x07, 0x12, 0x07, .. "pytorch"u8, 0x3A, 0x02, 0x0A, 0x00], "an ONNX model" },
        { "m.tflite", [0x1C, 0, 0, 0, .. "TFL3"u8, 0, 0, 0x12, 0], "a TensorFlow Lite model" },
        { "m.h5", [0x89, .. "HDF\r\n"u8, 0x1A, 0x0A, 0, 0], "an HDF5 file" },
        { "m.ckpt.index", [0, 0, 1, 2, 3, 0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB], "the index of a TensorFlow checkpoint" },
        { "m.ckpt", [0, 0, 1, 2, 3, 0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB], "a TensorFlow checkpoint (version 1)" },
        { "m.ckpt.data-00000-of-00001", [0, 0, 0x80, 0x3F], "the data of a TensorFlow checkpoint" },
        { "checkpoint", [.. "model_checkpoint_path: \"m.ckpt\"\n"u8], "the list of a folder's TensorFlow checkpoints" },
        { "m.keras", Zip("model.weights.h5"), "a Keras archive" },
        { "m.zip", Zip("graph.pb"), "a zip archive" },
        { "m.pb.gz", [0x1F, 0x8B, 8, 0], "compressed with gzip" },
        { "lfs.pb", [.. "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"u8], "a git-lfs pointer" },
        { "page.pb", [.. "\n<!DOCTYPE html>\n<html></html>"u8], "an HTML page" },
        { "m.json", [.. "{\"node\": []}"u8], "a JSON file" },
        { "p.png", [0x89, .. "PNG\r\n"u8], "a PNG image" },
        { "p.jpg", [0xFF, 0xD8, 0xFF, 0xE0], "a JPEG image" },
        { "other.pb", [0xA2, 0x06, 0x01, 0x41], "a protobuf message without anything of a GraphDef" },
    };

    [Theory]
    [MemberData(nameof(Foreign))]
    public void A_file_of_another_kind_is_named(string name, byte[] bytes, string kind)
    {
        string path = Write(name, bytes);
        ModelFormatException error = Refused(path);
        Assert.Equal("TFX4002", error.DiagnosticId);
        Assert.Contains($"'{path}' is {kind}", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Suggestion);
    }

    [Fact]
    public void An_empty_file_is_named_and_accepted_only_on_request()
    {
        string path = Write("empty.pb", []);
        Assert.Equal("TFX4006", Refused(path).DiagnosticId);
        using LoadedModel model = ModelFile.Open(path, CancellationToken.None, acceptsEmpty: true);
        Assert.Empty(model.Graph.Nodes);
    }

    [Fact]
    public void A_truncated_file_names_the_entry_that_breaks()
    {
        byte[] whole = RoundTripTests.Binary(new Graph([new Node("a", "NoOp"), new Node("b", "NoOp")]));
        ModelFormatException error = Refused(Write("cut.pb", whole[..^3]));
        Assert.Equal("TFX4007", error.DiagnosticId);
        Assert.Contains($"at byte {whole.Length / 2} needs 9 bytes, 6 bytes are there", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_malformed_node_names_the_byte()
    {
        ModelFormatException error = Refused(Write("bad.pb", [0x0A, 0x03, 0x0A, 0x7F, 0x41]));
        Assert.Equal("TFX4008", error.DiagnosticId);
        Assert.Contains("at byte 3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node {\n  nam: \"x\"\n}", "2:3: message NodeDef has no field 'nam'")]
    [InlineData("node {\n  name: \"x\"\n", "3:1: expected a field name, found the end of the file")]
    [InlineData("node { name: x }", "1:14: expected a string, found 'x'")]
    [InlineData("node { name: \"a\" name: \"b\" }", "1:18: field 'name' occurs twice")]
    [InlineData("node { attr { key: \"k\" value { i: 1 f: 2 } } }", "1:37: field 'f' excludes 'i'")]
    [InlineData("node { attr { value { type: DT_NONE } } }", "1:29: DataType has no value 'DT_NONE'")]
    [InlineData("node { attr { value { i: 9223372036854775808 } } }", "1:26: '9223372036854775808' is out of range")]
    [InlineData("node { name: \"a }", "1:14: a string without its closing quote")]
    public void An_error_in_text_has_line_and_column(string text, string message)
    {
        ModelFormatException error = Refused(Write("g.pbtxt", Encoding.UTF8.GetBytes(text)));
        Assert.Equal("TFX4009", error.DiagnosticId);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n\n   \n")]
    [InlineData("  ")]
    [InlineData("# nothing here\n")]
    public void Text_without_a_field_is_the_empty_graph(string text)
    {
        using LoadedModel model = ModelFile.Open(Write("g.pbtxt", Encoding.UTF8.GetBytes(text)), CancellationToken.None);
        Assert.Empty(model.Graph.Nodes);
    }

    [Fact]
    public void Every_spelling_of_the_text_format_is_read()
    {
        const string Text = """
            # a graph
            node: < name: 'a' "b\x41\101\u00e9" op : "Op", input: ["x", '^y'];
              attr { key: "l" value { list { i: [1, -2, 0x10, 010] f: -1.5e-3f f: inf b: True type: DT_FLOAT } } }
            >
            versions { producer: 27 bad_consumers: [] }
            """;
        Graph graph = GraphTextFormat.Read(Encoding.UTF8.GetBytes(Text));
        Node node = Assert.Single(graph.Nodes);
        Assert.Equal("abAAé", node.Name);
        Assert.Equal(["x", "^y"], node.Inputs.Select(input => input.Text));
        AttributeValue[] items = [1, -2, 16, 8, -1.5e-3f, float.PositiveInfinity, true, DataType.Float];
        Assert.Equal(new ListValue([.. items]), node.Attributes["l"]);
        Assert.Equal(new GraphVersions(27), graph.Versions);
    }

    [Fact]
    public void A_directory_is_named()
    {
        Assert.Equal("TFX4004", Refused(folder.FullName).DiagnosticId);
        Write("saved_model.pb", [8, 1]);
        Assert.Contains("saved_model.pb", Refused(folder.FullName).Suggestion, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_gives_zeros_without_end_is_refused()
    {
        Skip.IfNot(File.Exists("/dev/zero"));
        Assert.Contains("gives nothing but zeros", Refused("/dev/zero").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named() => Assert.Equal("TFX4003", Refused(Path.Combine(folder.FullName, "none.pb")).DiagnosticId);

    [SkippableFact]
    public void A_file_without_permission_is_named()
    {
        Skip.If(OperatingSystem.IsWindows(), "file modes are of Unix");
        Skip.If(Environment.IsPrivilegedProcess, "a privileged user may read every file");
        string path = Write("secret.pb", [0x0A, 0]);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.None);
        Assert.Equal("TFX4005", Refused(path).DiagnosticId);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static ModelFormatException Refused(string path) =>
        Assert.Throws<ModelFormatException>(() => ModelFile.Open(path, CancellationToken.None).Dispose());

    private static byte[] Zip(string entry)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            archive.CreateEntry(entry);
        return stream.ToArray();
    }

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(folder.FullName, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
