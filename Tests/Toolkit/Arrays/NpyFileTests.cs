using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Toolkit.Tests.Arrays;

public sealed class NpyFileTests
{
    [Fact]
    public void Columns_are_turned_into_rows()
    {
        byte[] content = [.. new[] { 1, 4, 2, 5, 3, 6 }.SelectMany(BitConverter.GetBytes)];
        Tensor read = NpyFile.Read(File("<i4", "True", "(2, 3)", content));
        Assert.Equal([1, 2, 3, 4, 5, 6], read.AsSpan<int>().ToArray());
    }

    [Fact]
    public void Big_endian_numbers_are_read()
    {
        Tensor read = NpyFile.Read(File(">i4", "False", "(2,)", [0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFE]));
        Assert.Equal([1, -2], read.AsSpan<int>().ToArray());
    }

    [Theory]
    [InlineData("<i4", "(4,)", "ends after 8 of 16 bytes")]
    [InlineData("<i4", "(4294967296, 4294967296)", "too large")]
    [InlineData("<i4", "(9223372036854775807, 3)", "too large")]
    [InlineData("|S99999999999", "(1,)", "not supported")]
    [InlineData("|Sx", "(1,)", "not supported")]
    [InlineData("<U4", "(1,)", "elements of type '<U4', which is not supported")]
    [InlineData("<i4", "(-1,)", "a dimension '-1'")]
    public void What_is_no_such_array_is_refused(string type, string shape, string message)
    {
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => NpyFile.Read(File(type, "False", shape, new byte[8])));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_that_promises_more_than_it_can_hold_is_refused_before_memory_is_taken()
    {
        using var archive = new MemoryStream();
        NpzFile.Write(archive, [new("x", Tensor.Create<float>(DataType.Float, TensorShape.Of(2), [1, 2]))]);
        byte[] bytes = archive.ToArray();
        int directory = bytes.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BitConverter.TryWriteBytes(bytes.AsSpan(directory + 24), 0x7FFF_0000);
        Assert.Throws<InvalidDataException>(() => NpzFile.Read(new MemoryStream(bytes)));
    }

    private static byte[] File(string type, string isByColumns, string shape, byte[] content)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': {isByColumns}, 'shape': {shape}, }}\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header), .. content];
    }
}
