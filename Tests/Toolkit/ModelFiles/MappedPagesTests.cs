using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Toolkit.Tests.ModelFiles;

public sealed class MappedPagesTests
{
    private const int Length = 3 << 20;

    [Fact]
    public void Pages_that_were_given_back_come_from_the_file_again()
    {
        byte[] content = [.. Enumerable.Range(0, Length).Select(i => (byte)(i * 31 / 7))];
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, content);
            using var file = new MappedFile(File.OpenRead(path), path);
            ReadOnlyMemory<byte> part = file.Slice(100, Length - 200);
            Assert.True(part.Span.SequenceEqual(content.AsSpan(100, Length - 200)));
            MappedPages.Release(part);
            Assert.True(part.Span.SequenceEqual(content.AsSpan(100, Length - 200)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Other_memory_stays_as_it_is()
    {
        byte[] content = [.. Enumerable.Range(0, Length).Select(i => (byte)i)];
        MappedPages.Release(content.AsMemory(5));
        Assert.Equal(77, content[77]);
        MappedPages.Release(default);
    }

    /// <summary>The bytes beside the array stay, and the array takes new contents.</summary>
    [Fact]
    public void Discarded_arrays_can_be_written_again()
    {
        byte[][] arrays = [.. Enumerable.Range(1, 3).Select(i => Filled((byte)i))];
        MappedPages.Discard(arrays[1]);
        Array.Fill(arrays[1], (byte)9);
        GC.Collect();
        Assert.Equal([1, 9, 3], arrays.Select(array => Assert.Single(array.Distinct())));
        MappedPages.Discard([]);
    }

    private static byte[] Filled(byte value)
    {
        byte[] array = GC.AllocateUninitializedArray<byte>(Length);
        Array.Fill(array, value);
        return array;
    }
}
