using System.IO.Compression;
using System.Text.Json;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Keras.Tests;

/// <summary>Files that were damaged, each in one way, and files of unusual storage that must be read.</summary>
public sealed class BrokenFileTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Data", "broken");

    public static TheoryData<string, string, string, string?> Files
    {
        get
        {
            var files = new TheoryData<string, string, string, string?>();
            foreach (string line in File.ReadLines(Path.Combine(Folder, "index.jsonl")))
            {
                JsonElement entry = JsonDocument.Parse(line).RootElement;
                files.Add(entry.GetProperty("file").GetString()!, entry.GetProperty("expect").GetString()!, entry.GetProperty("what").GetString()!, entry.TryGetProperty("npz", out JsonElement npz) ? npz.GetString() : null);
            }
            return files;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_is_read_or_refused_by_name(string file, string expect, string what, string? npz)
    {
        using var source = new MemorySource((file, Bytes(file)));
        if (expect == "error")
        {
            var error = Assert.Throws<ModelFormatException>(() => new KerasFormat().Read(source, ModelReadOptions.Default, CancellationToken.None));
            Assert.True(error.Message.Contains(file, StringComparison.Ordinal), $"the message does not name the file ({what}): {error.Message}");
            Assert.StartsWith("TFX44", error.DiagnosticId, StringComparison.Ordinal);
            return;
        }
        ModelContent content = OracleRun.Read(source);
        Assert.Null(ModelComparison.Compare(content, NpzFile.Read(new MemoryStream(Bytes(npz!))), [], 1e-5));
    }

    private static byte[] Bytes(string name)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(Folder, "broken.zip"));
        using Stream stream = archive.GetEntry(name)!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
