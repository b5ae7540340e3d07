using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Tests;

public sealed class EqualizeTests
{
    private const string Chain =
        """
        x = Placeholder() {dtype=float, shape=(1,2)}
        v = Const() {dtype=float, value=float[2,2]{1, 0.01, -0.5, 0.005}}
        b = Const() {dtype=float, value=float[2]{0.5, 0.25}}
        p = MatMul(x, v) {T=float, transpose_a=false, transpose_b=false}
        q = BiasAdd(p, b) {T=float, data_format="NHWC"}
        r = Relu(q) {T=float}
        w = Const() {dtype=float, value=float[2,2]{1, 2, 300, 100}}
        y = MatMul(r, w) {T=float, transpose_a=false, transpose_b=false}
        """;

    [Fact]
    public void Channels_get_like_ranges_and_the_outputs_stay()
    {
        Graph before = GraphText.Parse(Chain);
        Graph after = new QuantizationTest(new Equalize()).Run(before);
        Tensor image = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 2), [0.75f, -1.5f]);
        Assert.Equal(QuantizationTest.Compute(before, "y", ("x", image)).ToSingles(), QuantizationTest.Compute(after, "y", ("x", image)).ToSingles());
        float[] first = after.Find(after.Find("p")!.Inputs[1].Node)!.TensorAttribute("value")!.ToSingles();
        float[] second = after.Find(after.Find("y")!.Inputs[1].Node)!.TensorAttribute("value")!.ToSingles();
        Assert.InRange(MathF.Abs(first[0]) / MathF.Abs(first[1]), 0.25f, 4f);
        Assert.InRange(MathF.Abs(second[2]) / MathF.Abs(second[1]), 0.25f, 4f);
    }

    [Fact]
    public void Channels_that_are_read_elsewhere_stay()
    {
        string graph = Chain + "\nz = Sqrt(r) {T=float}";
        new QuantizationTest(new Equalize()) { Outputs = ["y", "z"] }.Check(graph, graph);
    }
}
