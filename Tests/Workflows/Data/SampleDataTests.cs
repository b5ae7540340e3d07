using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Tests.Data;

public sealed class SampleDataTests : IDisposable
{
    private const string Image = "x = Placeholder() {dtype=float, shape=(?,2,2,1)}";
    private const string Two = "a/x = Placeholder() {dtype=float, shape=(1,3)}\nb = Placeholder() {dtype=int32, shape=(1)}";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("samples");

    [Fact]
    public void Images_are_samples_row_by_row_scaled_as_asked()
    {
        string path = Write("d.npz", ("images", Tensor.Create<byte>(DataType.UInt8, TensorShape.Of(3, 2, 2, 1), [.. Enumerable.Range(0, 12).Select(i => (byte)(i * 10))])), ("labels", Numbers([3])));
        var samples = Read(Image, path + "?mean=10&divide=10");
        Assert.Equal(3, samples.Count);
        Assert.Equal([3f, 4f, 5f, 6f], samples[1]["x"].AsSpan<float>().ToArray());
        Assert.Equal("[1,2,2,1]", samples[1]["x"].Shape.ToString());
    }

    [Fact]
    public void Arrays_named_after_inputs_are_samples_row_by_row_and_whole_where_the_input_is_a_vector()
    {
        string path = Write("d.npz", ("a__x", Numbers([2, 3])), ("b", Tensor.Create<int>(DataType.Int32, TensorShape.Of(1), [7])), ("other", Numbers([9])));
        var samples = Read(Two, path);
        Assert.Equal(2, samples.Count);
        Assert.Equal([3f, 4f, 5f], samples[1]["a/x"].AsSpan<float>().ToArray());
        Assert.All(samples, sample => Assert.Equal(7, sample["b"].AsSpan<int>()[0]));
    }

    [Theory]
    [InlineData("(?,3)", 4)]
    [InlineData("(1,3)", 4)]
    [InlineData("(4,3)", 1)]
    [InlineData("(...)", 1)]
    public void The_rows_of_an_array_are_samples_where_the_input_takes_one_or_any_number(string shape, int samples)
    {
        string path = Path.Combine(folder.FullName, "x.npy");
        File.WriteAllBytes(path, NpyFile.Write(Numbers([4, 3])));
        Assert.Equal(samples, Read($"x = Placeholder() {{dtype=float, shape={shape}}}", path).Count);
    }

    [Fact]
    public void A_column_is_one_sample()
    {
        string path = Path.Combine(folder.FullName, "sound.npy");
        File.WriteAllBytes(path, NpyFile.Write(Numbers([16, 1])));
        Assert.Equal("[16,1]", Assert.Single(Read("x = Placeholder() {dtype=float, shape=(?,1)}", path))["x"].Shape.ToString());
    }

    [Fact]
    public void A_folder_gives_its_files_in_order()
    {
        Directory.CreateDirectory(Path.Combine(folder.FullName, "inner"));
        Write("inner/a.npz", ("x", Numbers([2, 2, 2, 1], first: 100)));
        Write("b.npz", ("x", Numbers([1, 2, 2, 1])));
        File.WriteAllText(Path.Combine(folder.FullName, "notes.txt"), "no sample");
        Assert.Equal([0f, 100f, 104f], Read(Image, folder.FullName).Select(sample => sample["x"].AsSpan<float>()[0]));
    }

    public static TheoryData<string, string, string> Wrong => new()
    {
        { Image, "none.npz", "neither a file nor a folder" },
        { Image, "notes.txt", "no image, .npz, .npy or .wav file" },
        { Image, "empty", "has no images" },
        { Image, "bytes.npz", "cannot be read" },
        { Image, "bytes.npy", "not a .npy array" },
        { Image, "bytes.png", "is not an image" },
        { Image, "bytes.wav", "is not a wav file" },
        { Image, "bytes.wav?divide=255", "takes no '?divide=255'" },
        { Image, "other.npz", "neither an array 'images' nor one named after an input (/ as __: x); it has other" },
        { Image, "wide.npz", "the value has shape [1,3,3,1], the input wants [?,2,2,1]" },
        { Image, "scalar.npz", "the value has shape []" },
        { Image, "text.npz", "type string" },
        { Image, "wide.npz?divid=255", "no option 'divid'" },
        { Two, "uneven.npz", "2 and 3 rows" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_does_not_fit_is_named_with_its_reason(string graph, string data, string message)
    {
        Directory.CreateDirectory(Path.Combine(folder.FullName, "empty"));
        foreach (string name in (string[])["notes.txt", "bytes.npz", "bytes.npy", "bytes.png", "bytes.wav"])
            File.WriteAllText(Path.Combine(folder.FullName, name), "not what the name says");
        Write("other.npz", ("other", Numbers([1])));
        Write("wide.npz", ("x", Numbers([2, 3, 3, 1])));
        Write("scalar.npz", ("images", Numbers([])));
        Write("text.npz", ("images", Tensor.FromStrings(TensorShape.Of(1), ["a"u8.ToArray()])));
        Write("uneven.npz", ("a__x", Numbers([2, 3])), ("b", Numbers([3, 1])));
        var error = Assert.Throws<FeedException>(() => Read(graph.Replace("shape=(1)}", "shape=(1,1)}", StringComparison.Ordinal), Path.Combine(folder.FullName, data)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_for_a_graph_of_two_inputs_are_refused() =>
        Assert.Contains("2 placeholders", Assert.Throws<EndpointException>(() => Read(Two, Write("d.npz", ("images", Numbers([1, 3]))))).Message, StringComparison.Ordinal);

    public void Dispose() => folder.Delete(recursive: true);

    private static List<IReadOnlyDictionary<string, Tensor>> Read(string graph, string value)
    {
        var endpoints = new ModelEndpoints(GraphText.Parse(graph), signature: null);
        return [.. SampleData.Read(endpoints, GraphInputs.ResolveAll(endpoints, list: null).Tensors(), value)];
    }

    private static Tensor Numbers(long[] shape, int first = 0)
    {
        TensorShape dimensions = TensorShape.Of(shape);
        return Tensor.Create<float>(DataType.Float, dimensions, [.. Enumerable.Range(first, (int)dimensions.ElementCount).Select(i => (float)i)]);
    }

    private string Write(string name, params (string Name, Tensor Array)[] arrays)
    {
        string path = Path.Combine(folder.FullName, name);
        using FileStream stream = File.Create(path);
        NpzFile.Write(stream, arrays.Select(array => KeyValuePair.Create(array.Name, array.Array)));
        return path;
    }
}
