using System.IO.Compression;
using System.Text;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Toolkit.Tests.ModelFiles;

public sealed class ArchiveSourceTests
{
    [Fact]
    public void A_common_folder_is_left_out_of_the_names()
    {
        using ArchiveSource source = Zip(("top/model/a.pb", "a"), ("top/model/sub/b", "bb"), ("__MACOSX/top/._a.pb", "x"));

        Assert.Equal(["a.pb", "sub/b"], source.Names);
        Assert.Null(source.Main);
        Assert.Equal("bb", Text(source.Find("sub/b")!));
        Assert.Null(source.Find("none"));
    }

    [Fact]
    public void An_archive_of_one_file_is_that_file()
    {
        using ArchiveSource source = Zip(("model.pb", "content"));

        Assert.Equal("content", Text(source.Main!));
    }

    [Fact]
    public void One_file_has_the_others_of_its_folder_beside_it()
    {
        using ArchiveSource source = Zip(("x/m.index", "i"), ("x/m.data", "d"), ("y/z", ""));
        ArchiveSource one = source.At("x/m.index");

        Assert.Equal("i", Text(one.Main!));
        Assert.Equal("d", Text(one.Find("m.data")!));
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("a/../../evil")]
    [InlineData("/etc/evil")]
    [InlineData("C:evil")]
    [InlineData("..\\evil")]
    public void A_name_that_leads_out_is_refused(string name) =>
        Assert.Contains("leads out", Assert.Throws<ModelFormatException>(() => Zip((name, "x"), ("good", "y"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Content_out_of_proportion_is_refused()
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry("zeros").Open();
            byte[] block = new byte[1 << 20];
            for (int i = 0; i < 1200; i++)
                entry.Write(block);
        }

        Assert.Contains("unpack to", Assert.Throws<ModelFormatException>(() => Open(bytes.ToArray())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_cut_short_is_damaged()
    {
        byte[] whole = Bytes(("a", new string('x', 1000)), ("b", "y"));

        Assert.Equal("TFX4013", Assert.Throws<ModelFormatException>(() => Open(whole[..^30])).DiagnosticId);
    }

    [Fact]
    public void Another_file_is_no_archive() => Assert.Null(ArchiveSource.TryOpen(new BufferedFile(new byte[600], "x"), "x", CancellationToken.None));

    private static ArchiveSource Zip(params (string Name, string Text)[] files) => Open(Bytes(files));

    private static ArchiveSource Open(byte[] bytes) => ArchiveSource.TryOpen(new BufferedFile(bytes, "a.zip"), "a.zip", CancellationToken.None)!;

    private static byte[] Bytes(params (string Name, string Text)[] files)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                using Stream entry = archive.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return bytes.ToArray();
    }

    private static string Text(ModelSourceFile file) => Encoding.UTF8.GetString(file.Slice(0, (int)file.Length).Span);
}
