using System.Text;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Keras.Tests;

/// <summary>Layers of which the oracle has no files, by values from their definition or by the layer that they equal.</summary>
public sealed class RareLayerTests
{
    private const int Inputs = 3;
    private const int Units = 2;

    [Theory]
    [InlineData("LSTM", 4)]
    [InlineData("GRU", 3)]
    public void A_recurrent_layer_for_GPUs_computes_what_the_plain_one_does(string name, int gates)
    {
        float[] kernel = Numbers(Inputs * Units * gates, 7);
        float[] recurrent = Numbers(Units * Units * gates, 5);
        float[] bias = Numbers(2 * Units * gates, 3);
        Tensor x = Floats([1, 4, Inputs], Numbers(4 * Inputs, 2));
        Tensor plainBias = name == "LSTM"
            ? Floats([Units * gates], [.. Enumerable.Range(0, Units * gates).Select(i => bias[i] + bias[(Units * gates) + i])])
            : Floats([2, Units * gates], bias);
        string options = $"\"units\": {Units}, \"return_sequences\": true";
        Tensor[] plain = [Floats([Inputs, Units * gates], kernel), Floats([Units, Units * gates], recurrent), plainBias];
        Tensor[] stored = [Floats([Inputs, Units * gates], InMemoryOrder(kernel, Inputs, gates)), Floats([Units, Units * gates], InMemoryOrder(recurrent, Units, gates)), Floats([2 * Units * gates], bias)];
        Tensor expected = ModelBuilder.Run(ModelBuilder.Read(ModelBuilder.Layer(name, options + ", \"recurrent_activation\": \"sigmoid\", \"reset_after\": true", $"4,{Inputs}"), "2.12.0", plain), x)[0];
        Tensor actual = ModelBuilder.Run(ModelBuilder.Read(ModelBuilder.Layer("CuDNN" + name, options, $"4,{Inputs}"), "2.2.4-tf", stored), x)[0];
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.All(expected.ToSingles().Zip(actual.ToSingles()), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public void Random_features_are_cosines_of_scaled_products()
    {
        Tensor[] weights = [Floats([1], [2]), Floats([3, 1], [1, 2, 3]), Floats([1], [0.5f])];
        ModelContent content = ModelBuilder.Read(ModelBuilder.Layer("RandomFourierFeatures", "\"output_dim\": 1"), "2.12.0", weights);
        Assert.Equal(MathF.Cos(3.5f), ModelBuilder.Run(content, ModelBuilder.Floats("1,3", "1 -2 3"))[0].ToSingles()[0], 1e-6f);
    }

    [Fact]
    public void Ternary_weights_are_signs_times_their_mean_magnitude()
    {
        Tensor[] weights = [Floats([3, 1], [3, -1, -2]), Floats([1], [0.5f])];
        ModelContent content = ModelBuilder.Read(ModelBuilder.Layer("TernaryDense", "\"units\": 1"), "3.15.1", weights);
        Assert.Equal((2 * (1 - 3)) + 0.5f, ModelBuilder.Run(content, ModelBuilder.Floats("1,3", "1 5 3"))[0].ToSingles()[0]);
    }

    [Theory]
    [InlineData("\"mode\": \"real\", \"frame_step\": 2", "5 -1")]
    [InlineData("\"mode\": \"stft\", \"frame_step\": 2", "5 2 -1 -1")]
    [InlineData("\"mode\": \"magnitude\", \"frame_step\": 2", "5.3851647 1.4142135")]
    [InlineData("\"mode\": \"log\", \"frame_step\": 2", "1.683648 0.34657359")]
    [InlineData("\"mode\": \"real\", \"padding\": \"same\"", "5 4 -1 -1")]
    public void A_spectrogram_convolves_with_its_two_kernels(string options, string expected)
    {
        string layer = ModelBuilder.Layer("STFTSpectrogram", $"\"frame_length\": 2, \"fft_length\": 1, {options}", "4,1");
        Tensor[] kernels = [Floats([2, 1, 1], [1, 2]), Floats([2, 1, 1], [0, 1])];
        float[] got = ModelBuilder.Run(ModelBuilder.Read(layer, "3.15.1", kernels), ModelBuilder.Floats("1,4,1", "1 2 1 -1"))[0].ToSingles();
        float[] wanted = [.. expected.Split(' ').Select(text => float.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(wanted.Length, got.Length);
        Assert.All(wanted.Zip(got), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Theory]
    [InlineData("\"split\": \"character\"", "abé", "2 3 1")]
    [InlineData("\"split\": \"character\", \"output_sequence_length\": 4", "aba", "2 3 2 0")]
    [InlineData("\"split\": null, \"ngrams\": [1, 2]", "ab", "4")]
    public void Texts_are_split_as_asked(string options, string text, string expected)
    {
        string layer = ModelBuilder.Layer("TextVectorization", $"\"standardize\": null, \"vocabulary\": [\"a\", \"b\", \"ab\"], {options}", "1", "string");
        Tensor x = Tensor.FromStrings(TensorShape.Of(1, 1), [Encoding.UTF8.GetBytes(text)]);
        Assert.Equal(expected, string.Join(' ', ModelBuilder.Run(ModelBuilder.Read(layer, "2.12.0"), x)[0].AsSpan<long>().ToArray()));
    }

    [Theory]
    [InlineData("\"args\": [$a], \"kwargs\": {}")]
    [InlineData("\"args\": [], \"kwargs\": {\"inputs\": $a}")]
    public void A_layer_is_called_by_position_or_by_name(string call)
    {
        const string Input = """{"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "dtype": "float32", "keras_history": ["a", 0, 0]}}""";
        string model = $$$"""
            {"module": "keras.src.models.functional", "class_name": "Functional", "config": {"name": "m", "layers": [
              {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, 3], "dtype": "float32", "name": "a"}, "name": "a", "inbound_nodes": []},
              {"module": "keras.layers", "class_name": "ReLU", "config": {"name": "r", "trainable": true}, "name": "r", "inbound_nodes": [{{{{call.Replace("$a", Input, StringComparison.Ordinal)}}}}]}],
              "input_layers": ["a", 0, 0], "output_layers": ["r", 0, 0]}}
            """;
        Assert.Equal([1, 0, 3], ModelBuilder.Run(ModelBuilder.Read(model, "3.5.0"), ModelBuilder.Floats("1,3", "1 -2 3"))[0].ToSingles());
    }

    [Theory]
    [InlineData("")]
    [InlineData(", \"salt\": [3, 4]")]
    public void Unknown_integers_are_hashed_as_texts(string salt)
    {
        string layer = ModelBuilder.Layer("IntegerLookup", $"\"vocabulary\": [7], \"num_oov_indices\": 5, \"oov_method\": \"farmhash\"{salt}", "2", "int64");
        string hashing = ModelBuilder.Layer("Hashing", $"\"num_bins\": 5{salt}", "2", "int64");
        Tensor x = Tensor.Create<long>(DataType.Int64, TensorShape.Of(1, 2), [7, 11]);
        Assert.Equal([5, ModelBuilder.Run(ModelBuilder.Read(hashing, "3.15.1"), x)[0].AsSpan<long>()[1]], ModelBuilder.Run(ModelBuilder.Read(layer, "3.15.1"), x)[0].AsSpan<long>().ToArray());
    }

    private static Tensor Floats(long[] shape, float[] values) => Tensor.Create<float>(DataType.Float, TensorShape.Of(shape), values);

    private static float[] Numbers(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => (((i * seed * 37) + seed) % 19 / 10f) - 0.9f)];

    /// <summary>Each gate's matrix turned, its elements in memory order.</summary>
    private static float[] InMemoryOrder(float[] kernel, int rows, int gates)
    {
        float[] stored = new float[kernel.Length];
        for (int gate = 0; gate < gates; gate++)
        {
            int next = 0;
            for (int column = 0; column < Units; column++)
            {
                for (int row = 0; row < rows; row++, next++)
                    stored[(next / Units * Units * gates) + (gate * Units) + (next % Units)] = kernel[(row * Units * gates) + (gate * Units) + column];
            }
        }
        return stored;
    }
}
