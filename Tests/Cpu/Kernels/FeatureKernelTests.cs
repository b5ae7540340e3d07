using System.Numerics;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using static TransformFramework.Cpu.NodeRun;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Crosses, counts, n-grams, sparse and ragged tensors, stateless random values, special functions: against their definitions.</summary>
public sealed class FeatureKernelTests
{
    [Fact]
    public void Crosses_join_every_combination_of_a_row()
    {
        var results = Run(
            "SparseCross",
            AttributeMap.Of(
                ("N", 2), ("sparse_types", new ListValue([DataType.String, DataType.Int64])), ("dense_types", new ListValue([])), ("hashed_output", false), ("num_buckets", 0), ("hash_key", 0),
                ("out_type", DataType.String), ("internal_type", DataType.String)),
            3,
            Longs(TensorShape.Of(3, 2), 0, 0, 0, 1, 1, 0), Longs(TensorShape.Of(1, 2), 0, 0), Words("a", "b", "c"), Longs(TensorShape.Of(1), 5), Longs(TensorShape.Of(2), 2, 2), Longs(TensorShape.Of(2), 2, 1));
        Assert.Equal(["a_X_5", "b_X_5"], results[1].Strings());
        Assert.Equal([0, 0, 0, 1], results[0].AsSpan<long>().ToArray());
        Assert.Equal([2, 2], results[2].AsSpan<long>().ToArray());
    }

    [Fact]
    public void Ngrams_are_padded_at_both_ends()
    {
        var results = Run(
            "StringNGrams", AttributeMap.Of(("separator", "|"), ("ngram_widths", new ListValue([2])), ("left_pad", "L"), ("right_pad", "R"), ("pad_width", -1), ("preserve_short_sequences", false)), 2,
            Words("a", "b", "c"), Longs(TensorShape.Of(3), 0, 2, 3));
        Assert.Equal(["L|a", "a|b", "b|R", "L|c", "c|R"], results[0].Strings());
        Assert.Equal([0, 3, 5], results[1].AsSpan<long>().ToArray());
    }

    [Fact]
    public void Templates_show_the_ends_of_each_dimension()
    {
        Tensor result = Run("StringFormat", AttributeMap.Of(("T", new ListValue([DataType.Int32])), ("template", "x = {}."), ("placeholder", "{}"), ("summarize", 1)), Ints(1, 2, 3, 4, 5, 6).Reshaped(3, 2));
        Assert.Equal("x = [[1 2]\n ...\n [5 6]].", result.Strings()[0]);
    }

    [Fact]
    public void Counts_hold_what_occurs()
    {
        var results = Run("DenseCountSparseOutput", AttributeMap.Of(("minlength", -1), ("maxlength", -1), ("binary_output", false)), 3, Ints(1, 1, 3, 0, 0, 0).Reshaped(2, 3), Ints());
        Assert.Equal([0, 1, 0, 3, 1, 0], results[0].AsSpan<long>().ToArray());
        Assert.Equal([2, 1, 3], results[1].AsSpan<int>().ToArray());
        Assert.Equal([2, 4], results[2].AsSpan<long>().ToArray());
    }

    [Fact]
    public void Sparse_entries_are_put_in_order_and_joined()
    {
        Tensor indices = Longs(TensorShape.Of(2, 2), 1, 0, 0, 1);
        Tensor values = Floats(TensorShape.Of(2), 5, 6);
        Tensor shape = Longs(TensorShape.Of(2), 2, 2);
        var sorted = Run("SparseReorder", AttributeMap.Of(("T", DataType.Float)), 2, indices, values, shape);
        Assert.Equal([0, 1, 1, 0], sorted[0].AsSpan<long>().ToArray());
        Assert.Equal([6, 5], sorted[1].AsSpan<float>().ToArray());
        var joined = Run("SparseConcat", AttributeMap.Of(("T", DataType.Float), ("N", 2), ("concat_dim", 1)), 3, sorted[0], sorted[0], sorted[1], sorted[1], shape, shape);
        Assert.Equal([0, 1, 0, 3, 1, 0, 1, 2], joined[0].AsSpan<long>().ToArray());
        Assert.Equal([2, 4], joined[2].AsSpan<long>().ToArray());
    }

    [Fact]
    public void Ragged_rows_are_gathered_and_spread()
    {
        Tensor splits = Longs(TensorShape.Of(4), 0, 2, 2, 3);
        Tensor values = Ints(10, 11, 12);
        var gathered = Run("RaggedGather", AttributeMap.Of(("Tvalues", DataType.Int32), ("Tindices", DataType.Int32), ("Tsplits", DataType.Int64), ("PARAMS_RAGGED_RANK", 1), ("OUTPUT_RAGGED_RANK", 1)), 2, splits, values, Ints(2, 0));
        Assert.Equal([0, 1, 3], gathered[0].AsSpan<long>().ToArray());
        Assert.Equal([12, 10, 11], gathered[1].AsSpan<int>().ToArray());
        var sparse = Run("RaggedTensorToSparse", AttributeMap.Of(("RAGGED_RANK", 1), ("T", DataType.Int32), ("Tsplits", DataType.Int64)), 3, splits, values);
        Assert.Equal([0, 0, 0, 1, 2, 0], sparse[0].AsSpan<long>().ToArray());
        Assert.Equal([3, 2], sparse[2].AsSpan<long>().ToArray());
    }

    [Fact]
    public void Stateless_values_depend_on_the_seed_alone_in_both_versions()
    {
        Tensor seed = Longs(TensorShape.Of(2), 1, 2);
        AttributeMap type = AttributeMap.Of(("dtype", DataType.Float));
        Tensor first = Run("StatelessRandomUniform", type, Ints(1000), seed);
        var key = Run("StatelessRandomGetKeyCounter", AttributeMap.Empty, 2, seed);
        Tensor second = Run("StatelessRandomUniformV2", type, Ints(1000), key[0], key[1], Tensor.Scalar(1));
        Assert.True(first.ContentEquals(second));
        Assert.InRange(first.AsSpan<float>().ToArray().Average(), 0.45, 0.55);
        Assert.False(first.ContentEquals(Run("StatelessRandomUniform", type, Ints(1000), Longs(TensorShape.Of(2), 1, 3))));
        Assert.Equal(StatusKind.Unimplemented, Refusal("StatelessRandomUniformV2", type, Ints(1000), key[0], key[1], Tensor.Scalar(2)));
    }

    [Theory]
    [InlineData("Erfinv", 0.5, 0.4769362762044699)]
    [InlineData("Erfinv", -0.999, -2.326753765513525)]
    [InlineData("Ndtri", 0.975, 1.959963984540054)]
    [InlineData("BesselI0", 1, 1.2660658777520084)]
    [InlineData("BesselI0", 30, 781672297823.9775)]
    [InlineData("BesselI1", 1, 0.5651591039924851)]
    [InlineData("BesselI1e", -2, -0.21526928924893765)]
    [InlineData("BesselI0e", 50, 0.0565616266474542)]
    public void Special_functions_have_their_tabulated_values(string op, double x, double expected)
    {
        double actual = Run(op, AttributeMap.Of(("T", DataType.Double)), Tensor.Create<double>(DataType.Double, TensorShape.Scalar, [x])).AsSpan<double>()[0];
        Assert.InRange(actual / expected, 1 - 1e-11, 1 + 1e-11);
    }

    [Fact]
    public void Three_dimensions_are_transformed_and_led_back()
    {
        var random = new System.Random(4);
        float[] values = [.. Enumerable.Range(0, 3 * 4 * 5).Select(_ => random.NextSingle())];
        Tensor x = Floats(TensorShape.Of(3, 4, 5), values);
        Tensor lengths = Ints(3, 4, 5);
        Tensor spectrum = Run("RFFT3D", AttributeMap.Of(("Treal", DataType.Float), ("Tcomplex", DataType.Complex64)), x, lengths);
        Assert.Equal(TensorShape.Of(3, 4, 3), spectrum.Shape);
        Complex expected = Complex.Zero;
        for (int i = 0; i < values.Length; i++)
            expected += values[i] * Complex.Exp(new(0, -2 * Math.PI * ((2.0 * (i / 20) / 3) + (1.0 * (i / 5 % 4) / 4) + (1.0 * (i % 5) / 5))));
        var (real, imaginary) = spectrum.AsSpan<(float, float)>()[(2 * 4 * 3) + 3 + 1];
        Assert.Equal(expected.Real, real, 1e-4);
        Assert.Equal(expected.Imaginary, imaginary, 1e-4);
        Tensor back = Run("IRFFT3D", AttributeMap.Of(("Treal", DataType.Float), ("Tcomplex", DataType.Complex64)), spectrum, lengths);
        Assert.All(values.Zip(back.AsSpan<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    /// <summary>Single precision is transformed with roundings of its own; they stay within a few units of the last place of the largest value.</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(256)]
    public void A_power_of_two_values_is_transformed_and_back(int count)
    {
        var random = new System.Random(5);
        (float, float)[] values = [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle(), random.NextSingle() - 0.5f))];
        Tensor x = Tensor.Create<(float, float)>(DataType.Complex64, TensorShape.Of(count), values);
        AttributeMap type = AttributeMap.Of(("Tcomplex", DataType.Complex64));
        Tensor spectrum = Run("FFT", type, x);
        for (int k = 0; k < count; k++)
        {
            Complex expected = Complex.Zero;
            for (int t = 0; t < count; t++)
                expected += new Complex(values[t].Item1, values[t].Item2) * Complex.FromPolarCoordinates(1, -2 * Math.PI * k * t / count);
            var (real, imaginary) = spectrum.AsSpan<(float, float)>()[k];
            Assert.Equal(expected.Real, real, 2e-6 * count);
            Assert.Equal(expected.Imaginary, imaginary, 2e-6 * count);
        }
        Tensor back = Run("IFFT", type, spectrum);
        Assert.All(values.Zip(back.AsSpan<(float, float)>().ToArray()), pair => Assert.Equal(pair.First.Item1, pair.Second.Item1, 1e-5));
    }

    /// <summary>Within packets and behind them, below and beyond the argument from which the C library computes.</summary>
    [Fact]
    public void Sine_and_cosine_are_within_two_units_of_the_last_place()
    {
        float[] arguments = [.. Enumerable.Range(-400, 803).Select(i => i * 0.37f), 20000f, -30000f];
        Tensor x = Floats(TensorShape.Of(arguments.Length), arguments);
        float[] sines = Run("Sin", AttributeMap.Of(("T", DataType.Float)), x).ToSingles();
        float[] cosines = Run("Cos", AttributeMap.Of(("T", DataType.Float)), x).ToSingles();
        for (int i = 0; i < arguments.Length; i++)
        {
            Assert.Equal(Math.Sin(arguments[i]), sines[i], 1.2e-7);
            Assert.Equal(Math.Cos(arguments[i]), cosines[i], 1.2e-7);
        }
    }

    [Fact]
    public void Complex_numbers_are_multiplied_and_summed()
    {
        Tensor x = Tensor.Create<(float, float)>(DataType.Complex64, TensorShape.Of(2), [(1, 2), (3, -1)]);
        Tensor squares = Run("Mul", AttributeMap.Of(("T", DataType.Complex64)), x, x);
        Assert.Equal([(-3f, 4f), (8f, -6f)], squares.AsSpan<(float, float)>().ToArray());
        Tensor sum = Run("Sum", AttributeMap.Of(("T", DataType.Complex64), ("keep_dims", false)), squares, Ints(0));
        Assert.Equal([(5f, -2f)], sum.AsSpan<(float, float)>().ToArray());
    }

    [Fact]
    public void A_beam_search_finds_the_peaks()
    {
        float[] scores = [9, 0, 0, 0, 0, 9, 0, 9, 0];
        var results = Run("CTCBeamSearchDecoder", AttributeMap.Of(("beam_width", 4), ("top_paths", 1), ("merge_repeated", false), ("T", DataType.Float)), 4, Floats(TensorShape.Of(3, 1, 3), scores), Ints(3));
        Assert.Equal([0, 1], results[1].AsSpan<long>().ToArray());
        Assert.Equal([1, 2], results[2].AsSpan<long>().ToArray());
    }

    [Fact]
    public void An_image_is_moved_and_filled()
    {
        Tensor image = Floats(TensorShape.Of(1, 2, 2, 1), 1, 2, 3, 4);
        Tensor transform = Floats(TensorShape.Of(1, 8), 1, 0, 1, 0, 1, 0, 0, 0);
        AttributeMap attributes = AttributeMap.Of(("dtype", DataType.Float), ("interpolation", "NEAREST"), ("fill_mode", "CONSTANT"));
        Assert.Equal([2, 7, 4, 7], Run("ImageProjectiveTransformV3", attributes, image, transform, Ints(2, 2), Tensor.Scalar(7f)).AsSpan<float>().ToArray());
    }

    [Fact]
    public void Text_is_decoded_to_characters_and_back()
    {
        Tensor text = Tensor.FromStrings(TensorShape.Of(1), [new byte[] { (byte)'a', 0xC3, 0xA9, 0xFF }]);
        AttributeMap attributes = AttributeMap.Of(("input_encoding", "UTF-8"), ("errors", "replace"), ("replacement_char", 65533), ("replace_control_characters", false), ("Tsplits", DataType.Int64));
        var results = Run("UnicodeDecodeWithOffsets", attributes, 3, text);
        Assert.Equal([0, 3], results[0].AsSpan<long>().ToArray());
        Assert.Equal(['a', 0xE9, 65533], results[1].AsSpan<int>().ToArray());
        Assert.Equal([0, 1, 3], results[2].AsSpan<long>().ToArray());
        Tensor encoded = Run("UnicodeEncode", AttributeMap.Of(("errors", "replace"), ("output_encoding", "UTF-16-BE"), ("replacement_char", 65533), ("Tsplits", DataType.Int64)), results[1], results[0]);
        Assert.Equal([0, (byte)'a', 0, 0xE9, 0xFF, 0xFD], encoded.Strings[0].ToArray());
    }
}
