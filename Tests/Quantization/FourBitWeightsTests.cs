using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Quantization.Tests;

/// <summary>Matrices of products in 4 bits.</summary>
public sealed class FourBitWeightsTests
{
    private static readonly Quantize.Options FourBits = new() { WeightsOnly = true, Bits = 4 };

    public static TheoryData<string> Products => new()
    {
        $"x = Placeholder() {{dtype=float, shape=(?,40)}}\nw = {CalibratedTest.Floats("40,20", 1)}\ny = MatMul(x, w) {{T=float}}",
        $"x = Placeholder() {{dtype=float, shape=(?,64)}}\nw = {CalibratedTest.Floats("20,64", 1)}\ny = MatMul(x, w) {{T=float, transpose_b=true}}",
        $"x = Placeholder() {{dtype=float, shape=(?,5,40)}}\nw = {CalibratedTest.Floats("40,20", 1)}\ny = BatchMatMulV2(x, w) {{T=float}}",
        $"x = Placeholder() {{dtype=float, shape=(?,5,40)}}\nw = {CalibratedTest.Floats("20,40", 1)}\ny = BatchMatMulV2(x, w) {{T=float, adj_y=true}}",
        $"x = Placeholder() {{dtype=float, shape=(?,5,40)}}\nw = {CalibratedTest.Floats("40,4,6", 1)}\ny = Einsum(x, w) {{T=float, N=2, equation=\"abc,cde->abde\"}}",
        $"x = Placeholder() {{dtype=float, shape=(?,5,4,10)}}\nw = {CalibratedTest.Floats("4,10,9", 1)}\ny = Einsum(x, w) {{T=float, N=2, equation=\"abcd,cde->abe\"}}",
    };

    [Theory]
    [MemberData(nameof(Products))]
    public void A_product_reads_4_bits(string graph)
    {
        var test = new CalibratedTest(graph, FourBits);
        Assert.DoesNotContain(test.After.Nodes, node => node.TypeAttribute("dtype") == DataType.Float && node.TensorAttribute("value") is { ElementCount: > 100 });
        Assert.InRange(test.Sqnr(), 18, 35);
        double fedBack = new CalibratedTest(graph, FourBits with { Samples = "samples", Rounding = "gptq", Reconstruct = 2 }).Sqnr();
        Assert.True(fedBack > test.Sqnr(), $"{test.Sqnr():F1} dB, by gptq {fedBack:F1} dB");
    }

    [Fact]
    public void Smaller_groups_leave_less_noise()
    {
        string graph = $"x = Placeholder() {{dtype=float, shape=(3,256)}}\nw = {CalibratedTest.Floats("256,12", 1)}\ny = MatMul(x, w) {{T=float}}";
        Assert.True(new CalibratedTest(graph, FourBits with { Group = 16 }).Sqnr() > new CalibratedTest(graph, FourBits with { Group = 256 }).Sqnr());
    }

    [Theory]
    [InlineData("40,20", 32)]
    [InlineData("64,20", 16)]
    public void The_nodes_are_known_as_a_matrix_of_4_bits(string shape, int group)
    {
        int inputs = int.Parse(shape[..2], System.Globalization.CultureInfo.InvariantCulture);
        Graph graph = new CalibratedTest($"x = Placeholder() {{dtype=float, shape=(3,{inputs})}}\nw = {CalibratedTest.Floats(shape, 1)}\ny = MatMul(x, w) {{T=float}}", FourBits with { Group = group }).After;
        FourBitMatrix? matrix = FourBitMatrix.Find(graph, graph.Find("y")!.Inputs[1]);
        Assert.NotNull(matrix);
        Assert.Equal((20, inputs, group), (matrix.Columns, matrix.Inputs, matrix.Group));
    }

    [Fact]
    public void Convolutions_keep_8_bits()
    {
        Graph graph = new CalibratedTest($"x = Placeholder() {{dtype=float, shape=(1,5,5,8)}}\nw = {CalibratedTest.Floats("3,3,8,4", 1)}\ny = Conv2D(x, w) {{T=float, {QuantizeGraphs.Window} }}", FourBits).After;
        Assert.Single(graph.Nodes, node => node.Op == "Dequantize" && node.TypeAttribute("T") == DataType.QInt8);
        Assert.DoesNotContain(graph.Nodes, node => node.Op == "RightShift");
    }
}
