using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Comparison;

namespace TransformFramework.Workflows.Tests.Comparison;

public sealed class LayerComparisonTests
{
    private const string Chain =
        """
        x = Placeholder() {dtype=float, shape=(4)}
        k = Const() {dtype=float, value=float[]{2}}
        a = Mul(x, k) {T=float}
        b = Relu(a) {T=float}
        c = Mul(b, k) {T=float}
        y = Neg(c) {T=float}
        """;

    [Fact]
    public void Equal_graphs_have_no_entry()
    {
        LayerComparison comparison = Compared(Chain, Chain);
        Assert.Equal(["a", "b", "c", "y"], comparison.Layers.Select(layer => layer.Node.Name));
        Assert.Null(comparison.Entry(tolerance: 0));
    }

    [Fact]
    public void Between_float_graphs_the_error_enters_at_the_first_tensor_past_the_tolerance()
    {
        ErrorEntry entry = Compared(Chain, Chain.Replace("b = Relu(a)", "b = Abs(a)", StringComparison.Ordinal)).Entry(tolerance: 1e-4)!;
        Assert.Equal("b", entry.Layer.Node.Name);
        Assert.Equal(double.PositiveInfinity, entry.InputSqnr);
    }

    [Fact]
    public void A_factor_that_only_moved_is_no_error()
    {
        string moved = Chain.Replace("a = Mul(x, k)", "a = Identity(x)", StringComparison.Ordinal).Replace("b = Relu(a)", "d = Mul(a, k) {T=float}\nb = Relu(d)", StringComparison.Ordinal);
        LayerComparison comparison = Compared(Chain, moved);
        Assert.True(comparison.Layers[0].Comparison.MaxRelative > 0.1);
        Assert.Null(comparison.Entry(tolerance: 1e-4));
        Assert.Equal("c", Compared(Chain, moved.Replace("c = Mul(b, k)", "c = Mul(b, b)", StringComparison.Ordinal)).Entry(tolerance: 1e-4)!.Layer.Node.Name);
    }

    [Theory]
    [InlineData(2, 8, "b")]
    [InlineData(16, 4, "a")]
    public void Between_a_float_and_a_quantized_graph_the_error_enters_where_most_is_lost(float firstEnd, float secondEnd, string entry)
    {
        string rounded = Chain
            .Replace("b = Relu(a)", "low = Const() {dtype=float, value=float[]{0}}\n" + Quantized("a", "x2", firstEnd) + "b = Relu(a)", StringComparison.Ordinal)
            .Replace("a = Mul(x, k) {T=float}", "x2 = Mul(x, k) {T=float}", StringComparison.Ordinal)
            .Replace("c = Mul(b, k)", Quantized("b", "b2", secondEnd) + "c = Mul(b, k)", StringComparison.Ordinal)
            .Replace("b = Relu(a)", "b2 = Relu(a)", StringComparison.Ordinal);
        Assert.Equal(entry, Compared(Chain, rounded, smallest: 0.1f).Entry(tolerance: 1e-4)!.Layer.Node.Name);
    }

    private static string Quantized(string name, string of, float end) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $$$"""
        {{{name}}}/end = Const() {dtype=float, value=float[]{{{{end}}}}}
        {{{name}}}/quantized = QuantizeV2({{{of}}}, low, {{{name}}}/end) {T=quint8, mode="SCALED"}
        {{{name}}} = Dequantize({{{name}}}/quantized, {{{name}}}/quantized:1, {{{name}}}/quantized:2) {T=quint8, mode="SCALED"}

        """);

    private static LayerComparison Compared(string reference, string actual, float smallest = -1)
    {
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(4), [smallest, 0.3f, 0.7f, 0.98f]) };
        return LayerComparison.Of(new CpuBackend(), GraphText.Parse(reference), GraphText.Parse(actual), ["y"], feeds, new CompileOptions { Feeds = ["x"] }, CancellationToken.None);
    }
}
