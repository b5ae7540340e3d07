using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Abstractions.Tests.Graphs;

public class TensorTests
{
    [Theory]
    [InlineData("float[2,2]{1, 2, 3, 4}", true)]
    [InlineData("float[4] values{1, 2}", true)]
    [InlineData("float[4] values{}", true)]
    [InlineData("float[2] values{1, 2, 3}", true)]
    [InlineData("float[0]{}", true)]
    [InlineData("float[0] values{1}", true)]
    [InlineData("float[0,?] values{1}", false)]
    [InlineData("float[...] values{1}", false)]
    [InlineData("float[2] raw{0000803f}", false)]
    [InlineData("float[1] raw values{0000}", false)]
    [InlineData("float_ref[1] values{1}", false)]
    [InlineData("type(99)[1] raw{00}", false)]
    [InlineData("variant[] values{}", false)]
    [InlineData("float[4611686018427387904,4] values{1}", false)]
    [InlineData("float[1099511627776] values{1}", false)]
    [InlineData("string[1099511627776]{\"a\"}", false)]
    [InlineData("string[3]{\"a\"}", true)]
    [InlineData("string[1] raw{0161}", false)]
    public void Decodable_are_tensors_whose_elements_can_be_told(string text, bool expected) => Assert.Equal(expected, Read(text).IsDecodable);

    [Theory]
    [InlineData("float[4] values{1, 2}", "1 2 2 2")]
    [InlineData("float[3] values{}", "0 0 0")]
    [InlineData("float[2] values{1, 2, 3}", "1 2")]
    [InlineData("float[]{5}", "5")]
    [InlineData("float values{5}", "5")]
    [InlineData("float[0] values{5}", "")]
    public void Listed_elements_repeat_the_last(string text, string expected) => Assert.Equal(expected, string.Join(' ', Read(text).AsSpan<float>().ToArray()));

    [Theory]
    [InlineData("string[3]{\"a\", \"b\"}", "a b b")]
    [InlineData("string[2]{}", " ")]
    [InlineData("string[1]{\"a\", \"b\"}", "a")]
    public void Listed_strings_repeat_the_last(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Read(text).Strings.Select(bytes => Encoding.UTF8.GetString(bytes.Span))));

    [Theory]
    [InlineData("half[2]{1.5, -2}", "1.5 -2")]
    [InlineData("bfloat16[2]{1.5, -2}", "1.5 -2")]
    [InlineData("double[1]{0.25}", "0.25")]
    [InlineData("float[2] values{3}", "3 3")]
    [InlineData("quint8[2]{7, 255}", "7 255")]
    [InlineData("int8[1]{-7}", "-7")]
    [InlineData("uint16[1]{65535}", "65535")]
    [InlineData("int16[1]{-3}", "-3")]
    [InlineData("qint32[1]{-3}", "-3")]
    [InlineData("uint32[1]{4000000000}", "4E+09")]
    [InlineData("int64[1]{-9}", "-9")]
    [InlineData("uint64[1]{9}", "9")]
    [InlineData("bool[2]{true, false}", "1 0")]
    public void Elements_of_any_real_type_read_as_floats(string text, string expected) => Assert.Equal(expected, string.Join(' ', Read(text).ToSingles()));

    [Fact]
    public void Elements_that_are_no_real_numbers_do_not_read_as_floats()
    {
        Assert.Throws<InvalidOperationException>(() => Read("complex64[1]{(1, 2)}").ToSingles());
        Assert.Throws<InvalidOperationException>(() => Read("string[1]{\"1\"}").ToSingles());
    }

    [Fact]
    public void Elements_stored_in_full_are_not_copied()
    {
        byte[] content = [1, 2, 3, 4];
        Tensor tensor = Tensor.FromContent(DataType.UInt8, TensorShape.Of(4), content);
        content[0] = 9;
        Assert.Equal(9, tensor.AsSpan<byte>()[0]);
    }

    [Fact]
    public void Equality_sees_the_encoding_and_content_equality_does_not()
    {
        Tensor full = Read("float[2]{1, 1}");
        Tensor splat = Read("float[2] values{1}");
        Assert.NotEqual(full, splat);
        Assert.True(full.ContentEquals(splat));
        Assert.False(full.ContentEquals(Read("float[1,2]{1, 1}")));
        Assert.False(Read("float[1]{0}").ContentEquals(Read("float[1]{-0}")));
        Assert.True(Read("float[1]{nan}").ContentEquals(Read("float[1]{nan}")));
    }

    [Fact]
    public void Wrong_sizes_are_refused()
    {
        Assert.Throws<InvalidOperationException>(() => Read("float[1]{1}").AsSpan<double>().Length);
        Assert.Throws<InvalidOperationException>(() => Read("float[2] raw{00}").Bytes);
        Assert.Throws<ArgumentException>(() => Tensor.Create<float>(DataType.Float, TensorShape.Of(2), [1f]));
        Assert.Throws<ArgumentException>(() => Tensor.Create<double>(DataType.Float, TensorShape.Of(1), [1d]));
    }

    [Fact]
    public void Content_without_bytes_counts_as_listed_elements() =>
        Assert.Equal(Tensor.FromValues(DataType.Float, TensorShape.Of(2), default), Tensor.FromContent(DataType.Float, TensorShape.Of(2), default));

    private static Tensor Read(string text) => Assert.IsType<TensorValue>(GraphText.ParseValue(text)).Value;
}
