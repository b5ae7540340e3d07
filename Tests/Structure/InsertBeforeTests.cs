using TransformFramework.Graphs;
using TransformFramework.Structure.Surgery;

namespace TransformFramework.Structure.Tests;

public sealed class InsertBeforeTests
{
    private const string Net = "x = Placeholder() {dtype=float, shape=(1,2,2,3)}\ny = Neg(x) {T=float}";

    [Fact]
    public void Bytes_are_cast_and_scaled()
    {
        Graph after = new TransformTest(new InsertBefore(), new InsertBefore.Options { Name = "x", Cast = DataType.UInt8, Scale = 0.5f, Mean = [1, 2, 3], Std = [2] }).Apply(GraphText.Parse(Net));
        Assert.Equal(DataType.UInt8, after.Find("x")!.TypeAttribute("dtype"));
        byte[] pixels = [.. Enumerable.Range(0, 12).Select(i => (byte)(10 * i))];
        var outputs = new Cpu.CpuBackend().Compile(after, ["y"], Execution.CompileOptions.Default).Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Create<byte>(DataType.UInt8, TensorShape.Of(1, 2, 2, 3), pixels) });
        float[] expected = [.. pixels.Select((pixel, i) => -((pixel * 0.5f) - (1 + (i % 3))) / 2)];
        Assert.Equal(expected, outputs[0].AsSpan<float>().ToArray());
    }

    [Fact]
    public void The_nodes_stand_behind_the_input() =>
        new TransformTest(new InsertBefore(), new InsertBefore.Options { Name = "x", Scale = 2 }).Check(
            Net,
            "x = Placeholder() {dtype=float, shape=(1,2,2,3)}\nx/scale = Const() {dtype=float, value=float[]{2}}\nx/scaled = Mul(x, x/scale) {T=float}\ny = Neg(x/scaled) {T=float}");

    [Fact]
    public void A_transposed_input_has_the_shape_that_is_fed()
    {
        Graph after = new TransformTest(new InsertBefore(), new InsertBefore.Options { Name = "x", Transpose = [0, 2, 3, 1] }).Apply(GraphText.Parse(Net));
        Assert.Equal("[1,3,2,2]", ((ShapeValue)after.Find("x")!.Attributes["shape"]).Value.ToString());
    }

    [Fact]
    public void Channels_are_normalized_in_the_order_of_the_graph()
    {
        Graph after = new TransformTest(new InsertBefore(), new InsertBefore.Options { Name = "x", Mean = [1, 2, 3], Transpose = [0, 2, 3, 1] }).Apply(GraphText.Parse(Net));
        var outputs = new Cpu.CpuBackend().Compile(after, ["y"], Execution.CompileOptions.Default).Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 3, 2, 2), new float[12]) });
        Assert.Equal([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3], outputs[0].ToSingles());
    }

    [Fact]
    public void Images_of_any_size_are_resized()
    {
        Graph after = new TransformTest(new InsertBefore(), new InsertBefore.Options { Name = "x", Cast = DataType.UInt8, ResizeHeight = 2, ResizeWidth = 2 }).Apply(GraphText.Parse(Net));
        var outputs = new Cpu.CpuBackend().Compile(after, ["y"], Execution.CompileOptions.Default).Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Create<byte>(DataType.UInt8, TensorShape.Of(1, 4, 4, 3), new byte[48]) });
        Assert.Equal(TensorShape.Of(1, 2, 2, 3), outputs[0].Shape);
    }

    [Theory]
    [InlineData("y", "is no input")]
    [InlineData("z", "no node 'z'")]
    public void Only_inputs_are_taken(string name, string message) =>
        Assert.Contains(message, new TransformTest(new InsertBefore(), new InsertBefore.Options { Name = name, Scale = 2 }).Fails(Net).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("d = Const() {dtype=float, value=float[]{1}}\nx = PlaceholderWithDefault(d) {dtype=float, shape=()}\ny = Neg(x)", DataType.UInt8, 0, "has a default")]
    [InlineData(Net, DataType.String, 0, "cannot be cast")]
    [InlineData(Net, DataType.UInt8, 2, "mean has 2 values")]
    public void What_would_compute_something_else_is_refused(string graph, DataType cast, int means, string message) =>
        Assert.Contains(message, new TransformTest(new InsertBefore(), new InsertBefore.Options { Name = "x", Cast = cast, Mean = [.. new float[means]] }).Fails(graph).Message, StringComparison.Ordinal);
}
