using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Tests.Data;

public sealed class FeedReaderTests
{
    [Theory]
    [InlineData("16777217", 16777217L)]
    [InlineData("9007199254740993", 9007199254740993L)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void A_whole_number_reaches_an_integer_input_unchanged(string value, long expected) =>
        Assert.Equal(expected, FeedReader.Read(value, DataType.Int64, TensorShape.Scalar).AsSpan<long>()[0]);

    [Fact]
    public void Integers_are_converted_without_a_float_between()
    {
        Tensor numbers = Tensor.Create<int>(DataType.Int32, TensorShape.Of(3), [16777217, int.MaxValue, -5]);

        Assert.Equal([16777217L, int.MaxValue, -5L], FeedReader.Fit(numbers, DataType.Int64, TensorShape.Of(3)).AsSpan<long>().ToArray());
    }

    [Theory]
    [InlineData(DataType.Int8, "200")]
    [InlineData(DataType.UInt8, "-1")]
    [InlineData(DataType.Int32, "0.5")]
    [InlineData(DataType.UInt32, "1,-2")]
    public void A_number_that_the_type_cannot_hold_is_refused(DataType type, string value) =>
        Assert.Contains("does not fit", Assert.Throws<FeedException>(() => FeedReader.Read(value, type, TensorShape.Unknown)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0.5,1,-2")]
    [InlineData("[0.5, 1, -2]")]
    public void Numbers_with_commas_between_are_a_vector(string value) =>
        Assert.Equal([0.5f, 1, -2], FeedReader.Read(value, DataType.Float, TensorShape.Of(-1)).ToSingles());

    [Theory]
    [InlineData("random:1")]
    [InlineData("1")]
    public void An_unknown_dimension_is_filled_as_one_and_an_empty_one_stays_empty(string value) =>
        Assert.Equal(TensorShape.Of(1, 0, 3), FeedReader.Read(value, DataType.Float, TensorShape.Of(-1, 0, 3)).Shape);

    [Fact]
    public void Dimensions_of_one_are_put_in_front_or_dropped()
    {
        Tensor vector = Tensor.Create<float>(DataType.Float, TensorShape.Of(3), [1, 2, 3]);
        Tensor batch = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 3), [1, 2, 3]);

        Assert.Equal("[1,3]", FeedReader.Fit(vector, DataType.Float, TensorShape.Of(-1, 3)).Shape.ToString());
        Assert.Equal("[3]", FeedReader.Fit(batch, DataType.Float, TensorShape.Of(3)).Shape.ToString());
        Assert.Throws<FeedException>(() => FeedReader.Fit(vector, DataType.Float, TensorShape.Of(3, -1)));
    }

    [Fact]
    public void A_text_fits_an_input_of_one_dimension() =>
        Assert.Equal("[1]", FeedReader.Read("text:hello", DataType.String, TensorShape.Of(-1)).Shape.ToString());

    [Theory]
    [InlineData(false, 4, 3)]
    [InlineData(true, 6, 3)]
    public void Serialized_messages_keep_their_own_last_zeros(bool isSerialized, int first, int second)
    {
        // Field 1 of four bytes, the last two of them zero; then a text that is no message.
        byte[][] texts = [[0x0A, 4, 7, 7, 0, 0], [(byte)'a', (byte)'b', (byte)'c']];
        string path = Path.Combine(Directory.CreateTempSubdirectory("feed").FullName, "texts.npy");
        File.WriteAllBytes(path, NpyFile.Write(Tensor.FromStrings(TensorShape.Of(2), [.. texts.Select(text => (ReadOnlyMemory<byte>)text)])));
        try
        {
            Tensor read = FeedReader.Read(path, DataType.String, TensorShape.Of(-1), isSerialized);

            Assert.Equal([first, second], read.Strings.Select(text => text.Length));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }
}
