using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Keras.Tests;

/// <summary>Options that the oracle does not have, and refusals. The input is [1, -2, 3] unless a row says otherwise.</summary>
public sealed class LayerTests
{
    [Theory]
    [InlineData("Activation", "\"activation\": \"soft_shrink\"", "0.5 -1.5 2.5")]
    [InlineData("Activation", "\"activation\": \"hard_swish\"", "0.7 -0.2 3")]
    [InlineData("Activation", "\"activation\": {\"class_name\": \"function\", \"config\": \"relu6\"}", "1 0 3")]
    [InlineData("Activation", "\"activation\": {\"class_name\": \"ELU\", \"config\": {\"name\": \"elu\", \"alpha\": 2.0}}", "1 -1.7293295 3")]
    [InlineData("ReLU", "\"max_value\": 2.0, \"negative_slope\": 0.5, \"threshold\": 1.5", "-0.25 -1.75 2")]
    [InlineData("ReLU", "\"max_value\": Infinity", "1 0 3")]
    [InlineData("Rescaling", "\"scale\": [1, 2, 3], \"offset\": [1, 1, 1]", "2 -3 10")]
    [InlineData("Normalization", "\"axis\": null, \"mean\": 1.0, \"variance\": 4.0", "0 -1.5 1")]
    [InlineData("UnitNormalization", "", "0.26726124 -0.53452248 0.80178373")]
    [InlineData("Flatten", "\"data_format\": \"channels_first\"", "1 -2 3")]
    [InlineData("Softmax", "\"axis\": -1", "0.11849965 0.0058997 0.87560062")]
    [InlineData("Identity", "", "1 -2 3")]
    [InlineData("Equalization", "\"bins\": 16", "1 -2 3")]
    [InlineData("Pipeline", "\"layers\": [{\"class_name\": \"Rescaling\", \"config\": {\"name\": \"r\", \"scale\": 2.0}}, {\"class_name\": \"ReLU\", \"config\": {\"name\": \"s\"}}]", "2 0 6")]
    public void A_layer_computes_what_it_says(string name, string configuration, string expected)
    {
        Tensor result = ModelBuilder.Run(ModelBuilder.Read(ModelBuilder.Layer(name, configuration), "2.12.0"), ModelBuilder.Floats("1,3", "1 -2 3"))[0];
        float[] wanted = [.. expected.Split(' ').Select(text => float.Parse(text, CultureInfo.InvariantCulture))];
        Assert.Equal(wanted.Length, result.ToSingles().Length);
        Assert.All(wanted.Zip(result.ToSingles()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Theory]
    [InlineData("2.12.0", "Conv1D", "\"filters\": 1, \"kernel_size\": 1, \"use_bias\": false", "6")]
    [InlineData("3.0.5", "Conv1D", "\"filters\": 1, \"kernel_size\": 1, \"use_bias\": false", "6")]
    [InlineData("2.12.0", "Dropout", "\"rate\": 0.5", "3")]
    [InlineData("2.12.0", "Rescaling", "\"scale\": 1.0", "6")]
    [InlineData("3.0.5", "Rescaling", "\"scale\": 1.0", "3")]
    [InlineData("2.12.0", "Identity", "\"trainable\": true", "6")]
    [InlineData("3.0.5", "Identity", "\"trainable\": true", "3")]
    public void A_layer_passes_on_the_mask_where_Keras_does(string version, string name, string options, string expected)
    {
        string separator = options.Length > 0 ? ", " : "";
        string layers = $$$"""{"class_name": "Masking", "config": {"name": "mask", "mask_value": 0.0}}, {"class_name": "{{{name}}}", "config": {"name": "between"{{{separator}}}{{{options}}}}}, {"class_name": "SimpleRNN", "config": {"name": "sum", "units": 1, "activation": "linear", "use_bias": false}}""";
        string model = $$$"""{"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "InputLayer", "config": {"batch_input_shape": [null, 3, 1], "dtype": "float32", "name": "a"}}, {{{layers}}}]}}""";
        Tensor one = ModelBuilder.Floats("1,1", "1");
        Tensor[] weights = name == "Conv1D" ? [ModelBuilder.Floats("1,1,1", "1"), one, ModelBuilder.Floats("1,1", "2")] : [one, ModelBuilder.Floats("1,1", "2")];
        Assert.Equal(expected, string.Join(' ', ModelBuilder.Run(ModelBuilder.Read(model, version, weights), ModelBuilder.Floats("1,3,1", "1 1 0"))[0].ToSingles()));
    }

    [Theory]
    [InlineData("\"implementation\": 1", "3,1", "1 2 3", "2,2,1", "1 10 100 1000", "2,1", "21 3201")]
    [InlineData("\"implementation\": 2", "3,1", "1 2 3", "3,1,2,1", "1 7 10 100 7 1000", "2,1", "21 3201")]
    [InlineData("\"implementation\": 3", "3,1", "1 2 3", "4", "1 10 100 1000", "2,1", "21 3201")]
    [InlineData("\"implementation\": 3, \"padding\": \"same\"", "3,1", "1 2 3", "5", "1 10 100 1000 10000", "3,1", "1 211 32002")]
    [InlineData("\"implementation\": 1, \"data_format\": \"channels_first\"", "2,3", "1 2 3 4 5 6", "2,4,1", "1 10 100 1000 1 1 1 1", "2,1", "5421 17")]
    [InlineData("\"implementation\": 2, \"data_format\": \"channels_first\"", "2,3", "1 2 3 4 5 6", "2,3,1,2", "1 7 10 1 7 1 100 7 1000 1 7 1", "2,1", "5421 17")]
    public void A_kernel_for_each_position_is_read_as_each_implementation_stores_it(string options, string shape, string input, string kernelShape, string kernel, string biasShape, string expected)
    {
        string layer = ModelBuilder.Layer("LocallyConnected1D", $"\"filters\": 1, \"kernel_size\": [2], {options}", shape);
        float[] offsets = [.. Enumerable.Range(0, expected.Split(' ').Length).Select(i => (float)i)];
        ModelContent content = ModelBuilder.Read(layer, "2.12.0", ModelBuilder.Floats(kernelShape, kernel), ModelBuilder.Floats(biasShape, string.Join(' ', offsets)));
        Assert.Equal(expected, string.Join(' ', ModelBuilder.Run(content, ModelBuilder.Floats("1," + shape, input))[0].ToSingles()));
    }

    [Theory]
    [InlineData(1, "4,4,1", "1 10 100 1000 1 1 1 1 1 1 1 1 2 0 0 0")]
    [InlineData(3, "16", "1 10 100 1000 1 1 1 1 1 1 1 1 2 0 0 0")]
    public void Positions_of_an_image_go_row_by_row(int implementation, string shape, string kernel)
    {
        string layer = ModelBuilder.Layer("LocallyConnected2D", $"\"filters\": 1, \"kernel_size\": [2, 2], \"use_bias\": false, \"implementation\": {implementation}", "3,3,1");
        ModelContent content = ModelBuilder.Read(layer, "2.12.0", ModelBuilder.Floats(shape, kernel));
        Assert.Equal([5421, 16, 24, 10], ModelBuilder.Run(content, ModelBuilder.Floats("1,3,3,1", "1 2 3 4 5 6 7 8 9"))[0].ToSingles());
    }

    [Fact]
    public void Root_mean_squares_normalize()
    {
        ModelContent content = ModelBuilder.Read(ModelBuilder.Layer("RMSNormalization", "\"epsilon\": 0.0"), "3.15.1", ModelBuilder.Floats("3", "1 2 3"));
        float[] got = ModelBuilder.Run(content, ModelBuilder.Floats("1,3", "1 -2 2"))[0].ToSingles();
        float root = MathF.Sqrt(3);
        Assert.All(new[] { 1 / root, -4 / root, 6 / root }.Zip(got), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Theory]
    [InlineData("Dense", "\"units\": 0", "units")]
    [InlineData("Dense", "\"units\": \"four\"", "units")]
    [InlineData("Dense", "\"units\": 4, \"use_bias\": \"no\"", "use_bias")]
    [InlineData("Dense", "\"units\": 4, \"lora_rank\": 2", "LoRA")]
    [InlineData("Dense", "\"units\": 4, \"dtype\": \"int8_from_float32\"", "quantized")]
    [InlineData("Dense", "\"units\": 4, \"dtype\": 7", "dtype")]
    [InlineData("Dense", "\"units\": 4, \"activation\": 7", "activation")]
    [InlineData("Dense", "\"units\": 4, \"activation\": {\"class_name\": \"Snake\", \"config\": {}}", "Snake")]
    [InlineData("EinsumDense", "\"equation\": \"ab\"", "equation")]
    [InlineData("Conv1D", "\"filters\": 4, \"kernel_size\": 3", "dimensions")]
    [InlineData("Conv2D", "\"filters\": 4, \"kernel_size\": [3]", "dimensions")]
    [InlineData("Conv2D", "\"filters\": 4, \"kernel_size\": [3, 3, 3]", "kernel_size")]
    [InlineData("Conv2D", "\"filters\": 4, \"kernel_size\": 3, \"groups\": 3", "groups")]
    [InlineData("Conv2D", "\"filters\": 4, \"kernel_size\": 3, \"strides\": 2, \"dilation_rate\": 2", "dilation_rate")]
    [InlineData("MaxPooling1D", "\"pool_size\": 2, \"padding\": \"mirror\"", "padding")]
    [InlineData("GlobalAveragePooling2D", "", "dimensions")]
    [InlineData("Reshape", "\"target_shape\": [2, 2]", "reshaped")]
    [InlineData("Reshape", "\"target_shape\": [-1, 2]", "reshaped")]
    [InlineData("Reshape", "\"target_shape\": \"flat\"", "target_shape")]
    [InlineData("Permute", "\"dims\": [2, 1]", "order")]
    [InlineData("RepeatVector", "\"n\": -1", "n is -1")]
    [InlineData("Cropping1D", "\"cropping\": 1", "dimensions")]
    [InlineData("ZeroPadding2D", "\"padding\": [1, 2, 3]", "padding")]
    [InlineData("ZeroPadding2D", "\"padding\": [[1], [2]]", "padding")]
    [InlineData("ZeroPadding1D", "\"padding\": -1", "padding")]
    [InlineData("UpSampling2D", "\"size\": 2", "dimensions")]
    [InlineData("Embedding", "\"input_dim\": 4", "output_dim")]
    [InlineData("LSTM", "\"units\": 4", "time")]
    [InlineData("RNN", "\"cell\": {\"class_name\": \"Dense\", \"config\": {\"units\": 3}}", "cell")]
    [InlineData("RNN", "\"num_constants\": 1", "constants")]
    [InlineData("Bidirectional", "\"layer\": {\"class_name\": \"Dense\", \"config\": {\"units\": 3}}", "recurrent")]
    [InlineData("StackedRNNCells", "\"cells\": []", "cells")]
    [InlineData("Dot", "\"axes\": [1, 2, 3]", "axes")]
    [InlineData("Dot", "\"axes\": 1", "1 inputs")]
    [InlineData("Subtract", "", "1 inputs")]
    [InlineData("Attention", "", "1 inputs")]
    [InlineData("MultiHeadAttention", "\"num_heads\": 2, \"key_dim\": 2", "value")]
    [InlineData("MultiHeadAttention", "\"num_heads\": 2, \"key_dim\": 2, \"use_gate\": true", "use_gate")]
    [InlineData("GroupQueryAttention", "\"num_query_heads\": 3, \"num_key_value_heads\": 2, \"head_dim\": 4", "groups")]
    [InlineData("BatchNormalization", "\"axis\": 3", "axis")]
    [InlineData("GroupNormalization", "\"groups\": 2, \"scale\": false, \"center\": false", "groups")]
    [InlineData("Normalization", "\"mean\": [1, 2], \"variance\": [1, 2]", "statistics")]
    [InlineData("Resizing", "\"height\": 2, \"width\": 2", "image")]
    [InlineData("CenterCrop", "\"height\": 2, \"width\": 2", "image")]
    [InlineData("AutoContrast", "\"value_range\": [1]", "value_range")]
    [InlineData("CategoryEncoding", "\"num_tokens\": 3, \"output_mode\": \"some\"", "output_mode")]
    [InlineData("CategoryEncoding", "\"num_tokens\": 3, \"sparse\": true", "sparse")]
    [InlineData("Hashing", "\"num_bins\": 3, \"salt\": [1, 2, 3]", "salt")]
    [InlineData("StringLookup", "\"vocabulary\": [\"a\"]", "string")]
    [InlineData("StringLookup", "", "vocabulary")]
    [InlineData("StringLookup", "\"vocabulary\": \"words.txt\"", "words.txt")]
    [InlineData("StringLookup", "\"encoding\": \"latin-1\"", "encoding")]
    [InlineData("IntegerLookup", "\"vocabulary\": [\"a\"]", "'a'")]
    [InlineData("Pipeline", "\"layers\": []", "layers")]
    [InlineData("STFTSpectrogram", "", "dimensions")]
    [InlineData("RandomFourierFeatures", "", "output_dim")]
    [InlineData("CuDNNLSTM", "\"units\": 4", "time")]
    [InlineData("IntegerLookup", "\"vocabulary\": [1], \"oov_method\": \"md5\"", "oov_method")]
    [InlineData("TextVectorization", "\"split\": \"lines\"", "split")]
    [InlineData("TextVectorization", "\"split\": \"whitespace\", \"vocabulary\": [\"a\"]", "text")]
    [InlineData("TextVectorization", "\"ngrams\": [0]", "ngrams")]
    [InlineData("MelSpectrogram", "\"fft_length\": 4, \"sequence_length\": 8", "fft_length")]
    [InlineData("MelSpectrogram", "\"fft_length\": 64", "frames")]
    [InlineData("Snake", "", "Snake")]
    [InlineData("Lambda", "\"function\": []", "Lambda layer")]
    public void What_a_layer_cannot_do_is_refused_by_name(string name, string configuration, string word)
    {
        var error = Assert.Throws<KerasException>(() => ModelBuilder.Read(ModelBuilder.Layer(name, configuration), "2.12.0", [.. Enumerable.Repeat(ModelBuilder.Floats("1", "1"), 16)]));
        Assert.Contains(word, error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("layer", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"class_name": "Functional", "config": {"name": "m", "layers": [], "input_layers": [], "output_layers": []}}""", "output_layers")]
    [InlineData("""{"class_name": "Functional", "config": {"name": "m"}}""", "layers is missing")]
    [InlineData("""{"class_name": "Functional", "config": {"name": "m", "layers": [], "input_layers": [], "output_layers": [["x", 0, 0]]}}""", "'x'")]
    [InlineData("""{"class_name": "Sequential", "config": {"name": "m", "layers": []}}""", "no layers")]
    [InlineData("""{"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "Flatten", "config": {"name": "f"}}]}}""", "shape of its input")]
    [InlineData("""{"class_name": "Dense", "config": {"units": 3}}""", "not of a model")]
    [InlineData("""{"class_name": "Sequential"}""", "config is missing")]
    [InlineData("""[]""", "not an object")]
    [InlineData("""{"class_name": "Functional", "config": {"name": "m", "layers": [{"class_name": "InputLayer", "config": {"batch_input_shape": "any", "name": "x"}, "name": "x", "inbound_nodes": []}], "input_layers": [["x", 0, 0]], "output_layers": [["x", 0, 0]]}}""", "batch_input_shape")]
    [InlineData("""{"class_name": "Functional", "config": {"name": "m", "layers": [{"class_name": "InputLayer", "config": {"batch_input_shape": [1], "name": "x"}, "name": "x", "inbound_nodes": []}, {"class_name": "InputLayer", "config": {"name": "x"}, "name": "x"}], "input_layers": [["x", 0, 0]], "output_layers": [["x", 0, 0]]}}""", "two layers")]
    public void A_model_that_is_none_is_refused(string configuration, string word) =>
        Assert.Contains(word, Assert.Throws<KerasException>(() => ModelBuilder.Read(configuration, "2.12.0")).Message, StringComparison.Ordinal);
}
