using System.Buffers.Binary;
using System.IO.Compression;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;
using static TransformFramework.Cpu.NodeRun;

namespace TransformFramework.Cpu.Kernels;

/// <summary>What reads inputs of models: serialized examples and images.</summary>
public sealed class InputKernelTests
{
    [Fact]
    public void Examples_give_dense_sparse_and_ragged_features()
    {
        Tensor serialized = Tensor.FromStrings(TensorShape.Of(2), [Example(("x", [1f, 2f]), ("n", [7L]), ("s", ["a", "b"])), Example(("n", [8L, 9L]))]);
        var results = Run(
            "ParseExampleV2",
            AttributeMap.Of(
                ("num_sparse", 1), ("Tdense", new ListValue([DataType.Float])), ("sparse_types", new ListValue([DataType.String])), ("ragged_value_types", new ListValue([DataType.Int64])), ("ragged_split_types", new ListValue([DataType.Int64])),
                ("dense_shapes", new ListValue([TensorShape.Of(2)]))),
            6, serialized, Words(), Words("s"), Words("x"), Words("n"), Floats(TensorShape.Of(2), -1, -2));
        Assert.Equal([0, 0, 0, 1], results[0].AsSpan<long>().ToArray());
        Assert.Equal(["a", "b"], results[1].Strings());
        Assert.Equal([2, 2], results[2].AsSpan<long>().ToArray());
        Assert.Equal([1, 2, -1, -2], results[3].AsSpan<float>().ToArray());
        Assert.Equal([7, 8, 9], results[4].AsSpan<long>().ToArray());
        Assert.Equal([0, 1, 3], results[5].AsSpan<long>().ToArray());
    }

    [Fact]
    public void A_free_first_dimension_is_filled_up_to_the_longest()
    {
        Tensor serialized = Tensor.FromStrings(TensorShape.Of(2), [Example(("x", [1f, 2f, 3f])), Example(("x", [4f]))]);
        var attributes = AttributeMap.Of(("Nsparse", 0), ("Ndense", 1), ("Tdense", new ListValue([DataType.Float])), ("sparse_types", new ListValue([])), ("dense_shapes", new ListValue([TensorShape.Of(-1)])));
        Tensor result = Run("ParseExample", attributes, serialized, Words(), Words(TensorShape.Scalar, "x"), Floats(TensorShape.Scalar, 9));
        Assert.Equal(TensorShape.Of(2, 3), result.Shape);
        Assert.Equal([1, 2, 3, 4, 9, 9], result.AsSpan<float>().ToArray());
    }

    [Fact]
    public void A_missing_feature_without_a_default_and_bytes_that_are_no_example_are_refused()
    {
        var attributes = AttributeMap.Of(("num_sparse", 0), ("sparse_keys", new ListValue([])), ("dense_keys", new ListValue(["x"])), ("Tdense", new ListValue([DataType.Float])), ("sparse_types", new ListValue([])), ("dense_shapes", new ListValue([TensorShape.Of(1)])));
        Tensor none = Floats(TensorShape.Of(0));
        Assert.Equal(StatusKind.InvalidArgument, Refusal("ParseSingleExample", attributes, Tensor.FromStrings(TensorShape.Scalar, [Example(("y", [1f]))]), none));
        Assert.Equal(StatusKind.InvalidArgument, Refusal("ParseSingleExample", attributes, Tensor.FromStrings(TensorShape.Scalar, [new byte[] { 10, 200, 1 }]), none));
    }

    [Theory]
    [InlineData(0, 8, false)]
    [InlineData(2, 8, true)]
    [InlineData(2, 16, false)]
    [InlineData(6, 8, false)]
    [InlineData(4, 16, false)]
    public void Png_images_of_every_filter_are_decoded(int colourType, int depth, bool asGrey)
    {
        int channels = colourType switch { 0 => 1, 2 => 3, 4 => 2, _ => 4 };
        var random = new System.Random(1);
        byte[] pixels = new byte[5 * 7 * channels * depth / 8];
        random.NextBytes(pixels);
        if (asGrey)
        {
            for (int i = 0; i < pixels.Length; i++)
                pixels[i] = pixels[i / 3 * 3];
        }
        Tensor contents = Tensor.FromStrings(TensorShape.Scalar, [Png(pixels, 5, 7, colourType, depth, channels * depth / 8)]);
        bool isWide = depth == 16;
        Tensor image = Run("DecodePng", AttributeMap.Of(("channels", asGrey ? 1 : 0), ("dtype", isWide ? DataType.UInt16 : DataType.UInt8)), contents);
        Assert.Equal(TensorShape.Of(7, 5, asGrey ? 1 : channels), image.Shape);
        if (isWide)
            Assert.Equal(Enumerable.Range(0, pixels.Length / 2).Select(i => BinaryPrimitives.ReadUInt16BigEndian(pixels.AsSpan(2 * i))), image.AsSpan<ushort>().ToArray());
        else
            Assert.Equal(asGrey ? pixels.Where((_, i) => i % 3 == 0) : pixels, image.AsSpan<byte>().ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("not an image")]
    [InlineData("\u0089PNG\r\n\u001a\n")]
    [InlineData("GIF89a")]
    [InlineData("BM")]
    public void What_is_no_image_is_refused(string text)
    {
        byte[] bytes = [.. text.Select(letter => (byte)letter)];
        Assert.Equal(StatusKind.InvalidArgument, Refusal("DecodeImage", AttributeMap.Of(("channels", 0), ("dtype", DataType.UInt8), ("expand_animations", true)), Tensor.FromStrings(TensorShape.Scalar, [bytes])));
        Assert.Equal(StatusKind.InvalidArgument, Refusal("DecodeJpeg", AttributeMap.Empty, Tensor.FromStrings(TensorShape.Scalar, [new byte[] { 0xFF, 0xD8, 0xFF, 0xDB, 0, 0 }])));
    }

    [Fact]
    public void Bitmaps_are_read_from_the_bottom_in_their_order_of_colours()
    {
        byte[] header = new byte[54];
        "BM"u8.CopyTo(header);
        header[10] = 54;
        header[18] = 2;
        header[22] = 2;
        header[28] = 24;
        byte[] file = [.. header, 1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0];
        Tensor image = Run("DecodeBmp", AttributeMap.Of(("channels", 0)), Tensor.FromStrings(TensorShape.Scalar, [file]));
        Assert.Equal([9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4], image.AsSpan<byte>().ToArray());
    }

    [Fact]
    public void Gif_frames_are_drawn_over_each_other()
    {
        byte[] first = [0x2C, 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, 2, 0x4C, 0x0A, 0];
        byte[] file =
        [
            .. "GIF89a"u8, 2, 0, 1, 0, 0x80, 0, 0, 10, 20, 30, 40, 50, 60,
            .. first, 0x3B,
        ];
        Tensor image = Run("DecodeGif", AttributeMap.Empty, Tensor.FromStrings(TensorShape.Scalar, [file]));
        Assert.Equal(TensorShape.Of(1, 1, 2, 3), image.Shape);
        Assert.Equal([40, 50, 60, 40, 50, 60], image.AsSpan<byte>().ToArray());
    }

    /// <summary>A serialized example of float, integer and string features.</summary>
    private static byte[] Example(params (string Key, object[] Values)[] features)
    {
        byte[] map = [.. features.SelectMany(feature => Field(1, [.. Field(1, System.Text.Encoding.UTF8.GetBytes(feature.Key)), .. Field(2, Feature(feature.Values))]))];
        return Field(1, map);
    }

    private static byte[] Feature(object[] values) => values[0] switch
    {
        string => Field(1, [.. values.SelectMany(value => Field(1, System.Text.Encoding.UTF8.GetBytes((string)value)))]),
        float => Field(2, Field(1, [.. values.SelectMany(value => BitConverter.GetBytes((float)value))])),
        _ => Field(3, Field(1, [.. values.Select(value => (byte)(long)value)])),
    };

    private static byte[] Field(int number, byte[] payload) => [(byte)((number << 3) | (int)WireType.Bytes), (byte)payload.Length, .. payload];

    private static byte[] Png(byte[] pixels, int width, int height, int colourType, int depth, int pixelBytes)
    {
        int rowBytes = width * pixelBytes;
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            for (int y = 0; y < height; y++)
            {
                int filter = y % 5;
                zlib.WriteByte((byte)filter);
                for (int i = 0; i < rowBytes; i++)
                {
                    int left = i >= pixelBytes ? pixels[(y * rowBytes) + i - pixelBytes] : 0;
                    int above = y > 0 ? pixels[((y - 1) * rowBytes) + i] : 0;
                    int corner = y > 0 && i >= pixelBytes ? pixels[((y - 1) * rowBytes) + i - pixelBytes] : 0;
                    int[] distances = [Math.Abs(above - corner), Math.Abs(left - corner), Math.Abs(left + above - (2 * corner))];
                    int paeth = distances[0] <= distances[1] && distances[0] <= distances[2] ? left : distances[1] <= distances[2] ? above : corner;
                    int predicted = filter switch { 1 => left, 2 => above, 3 => (left + above) / 2, 4 => paeth, _ => 0 };
                    zlib.WriteByte((byte)(pixels[(y * rowBytes) + i] - predicted));
                }
            }
        }
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = ((byte)depth, (byte)colourType);
        return [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, .. Chunk("IHDR", header), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string name, byte[] content)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        return [.. length, .. System.Text.Encoding.ASCII.GetBytes(name), .. content, 0, 0, 0, 0];
    }
}
