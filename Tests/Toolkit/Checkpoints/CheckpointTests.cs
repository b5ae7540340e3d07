using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Checkpoints;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Toolkit.Tests.Checkpoints;

/// <summary>Checkpoints of version 2: tables, checksums, slices.</summary>
public sealed class CheckpointTests
{
    [Fact]
    public void Every_prefix_of_an_index_is_refused()
    {
        byte[] index = new CheckpointFiles().Add("w", 1, 2).Files[".index"];
        for (int length = 0; length < index.Length; length++)
            Assert.Contains("'c.index'", Assert.Throws<ModelFormatException>(() => SortedTable.Read(new BufferedFile(index.AsMemory(0, length), "c.index"), CancellationToken.None)).Message, StringComparison.Ordinal);
        Assert.Equal(["", "w"], SortedTable.Read(new BufferedFile(index, "c.index"), CancellationToken.None).Keys);
    }

    [Fact]
    public void Every_flipped_bit_of_an_index_or_of_the_data_is_noticed()
    {
        var files = new CheckpointFiles().Add("w", 1, 2).Files;
        foreach (var (ending, bytes) in files)
        {
            int checkedBytes = ending == ".index" ? bytes.Length - 48 : bytes.Length;
            for (int i = 0; i < checkedBytes; i++)
            {
                byte[] damaged = [.. bytes];
                damaged[i] ^= 4;
                var model = new Dictionary<string, byte[]>(files, StringComparer.Ordinal) { [ending] = damaged };
                Assert.Throws<ModelFormatException>(() => Open(model).Read("w", slice: null));
            }
        }
    }

    [Theory]
    [InlineData("", new float[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData("6 1 1,4:0,1", new float[] { 2, 3, 4, 5 })]
    [InlineData("6 1 -:-", new float[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData("6 1 3,1:-", new float[] { 4 })]
    public void Parts_are_cut_and_put_together(string slice, float[] expected)
    {
        var files = new CheckpointFiles().AddRows("w", "\0w\0\x01\x01\x02\x80\x84\x80\x7F", 6, 0, 1, 2, 3, 4).AddRows("w", "\0w\0\x01\x01\x02\x84\x82\x80\x7F", 6, 4, 5, 6);
        Assert.Equal(expected, Open(files.Files).Read("w", TensorSlice.Parse(slice)).AsSpan<float>().ToArray());
    }

    [Fact]
    public void A_part_along_the_second_dimension_is_cut()
    {
        var target = new TensorBox([1, 1], [2, 2]);
        float[] source = [.. Enumerable.Range(0, 12).Select(i => (float)i)];
        float[] cut = new float[4];
        Assert.Equal(4, target.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(source), TensorBox.Whole(TensorShape.Of(3, 4)), System.Runtime.InteropServices.MemoryMarshal.AsBytes(cut.AsSpan()), sizeof(float)));
        Assert.Equal([5f, 6f, 9f, 10f], cut);
    }

    [Theory]
    [InlineData("v", "", "TFX4331")]
    [InlineData("w", "9 1 3,2:-", "TFX4336")]
    public void What_is_not_there_is_named(string name, string slice, string id)
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => Open(new CheckpointFiles().Add("w", 1, 2).Files).Read(name, TensorSlice.Parse(slice)));
        Assert.Equal(id, error.DiagnosticId);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_data_file_is_named_with_the_variable()
    {
        var files = new CheckpointFiles().Add("w", 1, 2).Files;
        files.Remove(".data-00000-of-00001");
        string message = Assert.Throws<ModelFormatException>(() => Open(files).Read("w", slice: null)).Message;
        Assert.Contains("model.data-00000-of-00001", message, StringComparison.Ordinal);
        Assert.Contains("'w'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_index_is_named() =>
        Assert.Contains("model.index", Assert.Throws<ModelFormatException>(() => Checkpoint.Open(new MemoryFolder().Source(), "model", CancellationToken.None)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(new byte[] { 3, 8, 1, 2, 3 }, new byte[] { 1, 2, 3 })]
    [InlineData(new byte[] { 6, 0, 7, 0b000001_01, 1 }, new byte[] { 7, 7, 7, 7, 7, 7 })]
    [InlineData(new byte[] { 5, 4, 1, 2, 0b000010_10, 2, 0 }, new byte[] { 1, 2, 1, 2, 1 })]
    public void A_compressed_block_is_literals_and_copies(byte[] block, byte[] expected) => Assert.Equal(expected, SnappyBlock.Decompress(block, 100));

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 200, 1 })]
    [InlineData(new byte[] { 3, 8, 1, 2 })]
    [InlineData(new byte[] { 2, 0, 7, 1, 5 })]
    public void A_malformed_block_is_no_block(byte[] block) => Assert.Null(SnappyBlock.Decompress(block, 100));

    [Fact]
    public void The_checksum_is_that_of_the_standard()
    {
        Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));
        Assert.Equal(0xE3069283u, Crc32C.Append(Crc32C.Compute("12345"u8), "6789"u8));
    }

    private static Checkpoint Open(Dictionary<string, byte[]> files)
    {
        var folder = new MemoryFolder();
        foreach (var (ending, content) in files)
            folder.Add("model" + ending, content);
        return Checkpoint.Open(folder.Source(), "model", CancellationToken.None);
    }
}
