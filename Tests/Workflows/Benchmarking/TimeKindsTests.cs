using TransformFramework.Graphs;
using TransformFramework.Workflows.Benchmarking;

namespace TransformFramework.Workflows.Tests.Benchmarking;

public sealed class TimeKindsTests
{
    private static readonly Graph Quantized = GraphText.Parse(
        """
        x = Placeholder() {dtype=float}
        conv = Relu(x) {T=float}
        dims = Const() {dtype=int32, value=int32[1]{-1}}
        flat = Reshape(conv, dims) {T=float, Tshape=int32}
        axis = Const() {dtype=int32, value=int32[1]{0}}
        min = Min(flat, axis) {T=float, Tidx=int32, keep_dims=false}
        max = Max(flat, axis) {T=float, Tidx=int32, keep_dims=false}
        quantized = QuantizeV2(conv, min, max) {T=quint8, mode="MIN_FIRST"}
        w = Const() {dtype=quint8, value=quint8[1,1,1,1]{1}}
        product = QuantizedConv2D(quantized, w, quantized:1, quantized:2, min, max) {Tinput=quint8, Tfilter=quint8, out_type=qint32, strides=[1,1,1,1], padding="SAME"}
        range = RequantizationRange(product, product:1, product:2) {Tinput=qint32}
        again = Requantize(product, product:1, product:2, range, range:1) {Tinput=qint32, out_type=quint8}
        shape = Shape(x) {T=float, out_type=int32}
        reshaped = Reshape(again, shape) {T=quint8, Tshape=int32}
        back = Dequantize(reshaped, again:1, again:2) {T=quint8, mode="MIN_FIRST"}
        fused = _FusedConv2D(back, back) {T=float}
        y = FromElsewhere(back)
        """);

    [Theory]
    [InlineData("conv", "Float")]
    [InlineData("quantized", "Conversion")]
    [InlineData("product", "EightBit")]
    [InlineData("range", "Conversion")]
    [InlineData("again", "Conversion")]
    [InlineData("reshaped", "EightBit")]
    [InlineData("back", "Conversion")]
    [InlineData("dims", "Other")]
    [InlineData("fused", "Float")]
    [InlineData("y", "Other")]
    public void A_node_is_told_by_what_it_computes_with(string name, string kind) => Assert.Equal(kind, new TimeKinds(Quantized).Of(Quantized.Find(name)!).ToString());

    [Fact]
    public void What_only_finds_a_range_belongs_to_the_conversion()
    {
        Graph graph = Quantized.Select(node => node.Name == "product" ? node with { Inputs = [.. node.Inputs[..4], new("quantized:1"), new("quantized:2")] } : node);
        var kinds = new TimeKinds(graph);
        Assert.All(["flat", "min", "max"], name => Assert.Equal(TimeKind.Conversion, kinds.Of(graph.Find(name)!)));
        Assert.Equal(TimeKind.Float, new TimeKinds(Quantized).Of(Quantized.Find("min")!));
    }
}
