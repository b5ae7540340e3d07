using System.Text;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Tests;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.WeightManifests;

namespace TransformFramework.TfJs.Tests;

/// <summary>Weights in shards: types, packing, files that are cut.</summary>
public sealed class ManifestTests
{
    [Theory]
    [InlineData("""{"name": "w", "shape": [3], "dtype": "float32"}""", new byte[] { 0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64 }, new float[] { 1, 2, 3 })]
    [InlineData("""{"name": "w", "shape": [2], "dtype": "int32"}""", new byte[] { 5, 0, 0, 0, 255, 255, 255, 255 }, new float[] { 5, -1 })]
    [InlineData("""{"name": "w", "shape": [3], "dtype": "bool"}""", new byte[] { 1, 0, 1 }, new float[] { 1, 0, 1 })]
    [InlineData("""{"name": "w", "shape": [2], "dtype": "float32", "quantization": {"dtype": "float16", "original_dtype": "float32"}}""", new byte[] { 0, 60, 0, 192 }, new float[] { 1, -2 })]
    [InlineData("""{"name": "w", "shape": [2], "dtype": "float32", "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1}}""", new byte[] { 0, 4 }, new float[] { -1, 1 })]
    [InlineData("""{"name": "w", "shape": [2], "dtype": "float32", "quantization": {"dtype": "uint16", "scale": 0.25, "min": -2}}""", new byte[] { 0, 0, 0, 1 }, new float[] { -2, 62 })]
    [InlineData("""{"name": "w", "shape": [2], "dtype": "int32", "quantization": {"dtype": "uint8", "scale": 2, "min": -4}}""", new byte[] { 1, 3 }, new float[] { -2, 2 })]
    public void Values_are_decoded(string weight, byte[] bytes, float[] values)
    {
        Assert.Equal(values, Read(weight, bytes).ToSingles());
        byte[] first = bytes[..(bytes.Length / 2)];
        Assert.Equal(values, Read(weight, first, bytes[first.Length..]).ToSingles());
    }

    [Fact]
    public void Strings_follow_their_lengths()
    {
        Tensor tensor = Read("""{"name": "w", "shape": [2], "dtype": "string"}""", [2, 0, 0, 0, (byte)'h', (byte)'i', 0, 0, 0, 0]);
        Assert.Equal(["hi", ""], tensor.Strings.Select(text => Encoding.UTF8.GetString(text.Span)));
    }

    [Theory]
    [InlineData("""{"name": "w", "shape": [3], "dtype": "float32"}""", "w0")]
    [InlineData("""{"name": "w", "shape": [2, 2], "dtype": "string"}""", "'w'")]
    [InlineData("""{"name": "w", "shape": [-3], "dtype": "float32"}""", "shape")]
    [InlineData("""{"name": "w", "shape": [1], "dtype": "float24"}""", "float24")]
    [InlineData("""{"name": "w", "shape": [1], "dtype": "bool", "quantization": {"dtype": "uint8", "scale": 1, "min": 0}}""", "bool")]
    [InlineData("""{"name": "w", "shape": [1], "dtype": "float32", "quantization": {"dtype": "uint4"}}""", "uint4")]
    [InlineData("""{"name": "w", "shape": [1], "dtype": "float32", "quantization": {"dtype": "uint8", "min": 0}}""", "scale")]
    [InlineData("""{"name": "w", "shape": "none", "dtype": "float32"}""", "shape")]
    [InlineData("""{"shape": [1], "dtype": "float32"}""", "name")]
    [InlineData("""{"name": "w", "shape": [1000000, 1000000], "dtype": "float32"}""", "elements")]
    public void What_does_not_fit_is_refused_by_name(string weight, string word) =>
        Assert.Contains(word, Assert.Throws<ModelFormatException>(() => Read(weight, [0, 0, 0, 0, 1])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_shard_is_named()
    {
        using var source = new MemorySource(("model.json", []));
        JsonElement model = JsonDocument.Parse("""{"weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": []}]}""").RootElement;
        var error = Assert.Throws<ModelFormatException>(() => WeightManifest.Parse(model, "").Read(source, CancellationToken.None));
        Assert.Contains("group1-shard1of1.bin", error.Message, StringComparison.Ordinal);
    }

    private static Tensor Read(string weight, params byte[][] shards)
    {
        (string Name, byte[] Bytes)[] files = [("model.json", []), .. shards.Select((bytes, i) => ($"w{i}", bytes))];
        using var source = new MemorySource(files);
        string paths = string.Join(", ", shards.Select((_, i) => $"\"w{i}\""));
        JsonElement model = JsonDocument.Parse($$"""{"weightsManifest": [{"paths": [{{paths}}], "weights": [{{weight}}]}]}""").RootElement;
        return WeightManifest.Parse(model, "").Read(source, CancellationToken.None)["w"];
    }
}
