using System.IO.Compression;
using TransformFramework.Graphs;
using TransformFramework.Keras.Reading;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Keras.Tests;

/// <summary>Structures of HDF5 by three ages of the format: links, attributes, element types, chunks.</summary>
public sealed class Hdf5Tests
{
    /// <summary>The elements of the arrays: 0, 1/64, 2/64, ….</summary>
    private static readonly float[] Array = [.. Enumerable.Range(0, 5 * 7 * 3).Select(i => i / 64f)];

    public static TheoryData<string> Ages => ["earliest", "v108", "latest"];

    [Theory]
    [MemberData(nameof(Ages))]
    public void Links_and_attributes_are_found(string age)
    {
        H5Archive archive = Open($"links_{age}.h5");
        for (int i = 0; i < 40; i++)
            Assert.Equal([i], archive.Read($"g/d{i:d2}").ToSingles());
        for (int i = 0; i < 14; i++)
            Assert.Equal($"text {i}", archive.TextAttribute("g", $"a{i:d2}"));
        Assert.Equal(["one", "two"], archive.NamesAttribute("g", "list"));
        Assert.Equal(["x", "ÿ"], archive.NamesAttribute("g", "vlen"));
        Assert.Empty(archive.NamesAttribute("g", "empty")!);
        Assert.Null(archive.NamesAttribute("g", "none"));
        Assert.Null(archive.TextAttribute("nowhere", "a00"));
        Assert.Equal(Array, archive.Read("g/sub/sub2/é").ToSingles());
        Assert.False(archive.Exists("g/d40"));
        Assert.False(archive.Exists("g/d00/below"));
    }

    [Theory]
    [MemberData(nameof(Ages))]
    public void Chunks_are_put_together(string age)
    {
        H5Archive archive = Open($"chunks_{age}.h5");
        foreach (string name in new[] { "plain", "packed", "checked", "single", "single_packed" })
            Assert.Equal(Array, archive.Read(name).ToSingles());
        Assert.Equal(new float[4], archive.Read("unwritten").ToSingles());
        Assert.Equal(new float[4], archive.Read("never").ToSingles());
    }

    [Theory]
    [MemberData(nameof(Ages))]
    public void Element_types_are_read(string age)
    {
        H5Archive archive = Open($"types_{age}.h5");
        (string Name, DataType Type)[] types =
        [
            ("i1", DataType.Int8), ("u1", DataType.UInt8), ("i2", DataType.Int16), ("u2", DataType.UInt16), ("i4", DataType.Int32), ("u4", DataType.UInt32), ("i8", DataType.Int64), ("u8", DataType.UInt64),
            ("f2", DataType.Half), ("f4", DataType.Float), ("f8", DataType.Double), ("big_f4", DataType.Float), ("big_i2", DataType.Int16), ("big_f8", DataType.Double),
        ];
        foreach (var (name, type) in types)
        {
            Tensor tensor = archive.Read(name);
            Assert.Equal(type, tensor.Type);
            Assert.Equal([1f, 2f, 100f], tensor.ToSingles());
        }
        Assert.Equal([1f, 0f], archive.Read("bool").ToSingles());
        Assert.Equal(TensorShape.Scalar, archive.Read("scalar").Shape);
        Assert.Equal([1f, 2f, 3f], archive.Read("compact").ToSingles());
        Assert.Equal(TensorShape.Of(0L, 3L), archive.Read("nothing").Shape);
        Assert.Throws<KerasException>(() => archive.Read("text"));
        Assert.Throws<KerasException>(() => archive.Read("complex"));
        Assert.Throws<KerasException>(() => archive.Read("nowhere"));
    }

    [Fact]
    public void Groups_of_many_links_are_found()
    {
        H5Archive latest = Open("many.h5");
        H5Archive old = Open("many_old.h5");
        for (int i = 0; i < 1500; i += 7)
            Assert.Equal([i], latest.Read($"layer_{i}_with_a_long_name_for_its_heap").ToSingles());
        for (int i = 0; i < 600; i += 7)
            Assert.Equal([i], old.Read($"layer_{i}").ToSingles());
    }

    [Fact]
    public void What_is_not_read_is_refused_by_name()
    {
        H5Archive archive = Open("resizable.h5");
        Assert.Equal([1f, 2f, 3f, 4f, 5f], archive.Read("implicit").ToSingles());
        foreach (string name in new[] { "array", "tree", "lzf", "paged" })
            Assert.Contains("not read", Assert.Throws<KerasException>(() => archive.Read(name)).Message, StringComparison.Ordinal);
        Assert.False(archive.Exists("soft"));
        Assert.False(archive.Exists("ext"));
    }

    [Fact]
    public void A_user_block_is_passed_over() => Assert.Equal(Array, Open("user.h5").Read("d").ToSingles());

    private static H5Archive Open(string name)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "Data", "hdf5.zip"));
        using Stream stream = archive.GetEntry(name)!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return H5Archive.Open(new BufferedFile(bytes.ToArray(), name), name);
    }
}
