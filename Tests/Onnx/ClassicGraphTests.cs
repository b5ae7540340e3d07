using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Text;

namespace TransformFramework.Onnx;

/// <summary>Classic 8-bit graphs, whose ranges are computed in each run, are written as the float graphs that they mean.</summary>
public sealed class ClassicGraphTests
{
    /// <summary>Part of the largest element by which our 8-bit run and ONNX Runtime's float one may differ: some roundings to 256 values.</summary>
    private const double Tolerance = 0.04;

    private const string Text = """
        x = Placeholder() {dtype=float, shape=(1,6,6,3)}
        all = Const() {dtype=int32, value=int32[4]{0, 1, 2, 3}}
        low = Min(x, all) {T=float, Tidx=int32, keep_dims=false}
        high = Max(x, all) {T=float, Tidx=int32, keep_dims=false}
        q = QuantizeV2(x, low, high) {T=quint8, mode="MIN_FIRST"}
        filter = Const() {dtype=quint8, value=quint8[1,1,3,2]{170, 255, 42, 106, 149, 0}}
        least = Const() {dtype=float, value=float[]{-1}}
        most = Const() {dtype=float, value=float[]{2}}
        c = QuantizedConv2D(q, filter, q:1, q:2, least, most) {Tinput=quint8, Tfilter=quint8, out_type=qint32, strides=[1,1,1,1], padding="SAME"}
        cr = RequantizationRange(c, c:1, c:2) {Tinput=qint32}
        cq = Requantize(c, c:1, c:2, cr, cr:1) {Tinput=qint32, out_type=quint8}
        bias = Const() {dtype=quint8, value=quint8[2]{200, 100}}
        b = QuantizedBiasAdd(cq, bias, cq:1, cq:2, least, most) {T1=quint8, T2=quint8, out_type=qint32}
        bq = QuantizeDownAndShrinkRange(b, b:1, b:2) {Tinput=qint32, out_type=quint8}
        r = QuantizedRelu(bq, bq:1, bq:2) {Tinput=quint8, out_type=quint8}
        m = QuantizedMaxPool(r, r:1, r:2) {T=quint8, ksize=[1,2,2,1], strides=[1,2,2,1], padding="VALID"}
        a = QuantizedAvgPool(r, r:1, r:2) {T=quint8, ksize=[1,2,2,1], strides=[1,2,2,1], padding="VALID"}
        axis = Const() {dtype=int32, value=int32[]{3}}
        j = QuantizedConcat(axis, m, a, m:1, a:1, m:2, a:2) {T=quint8, N=2}
        flat = Const() {dtype=int32, value=int32[2]{-1, 36}}
        f = QuantizedReshape(j, flat, j:1, j:2) {T=quint8, Tshape=int32}
        y = Dequantize(f, f:1, f:2) {T=quint8, mode="MIN_FIRST"}
        """;

    [Fact]
    public void ONNX_Runtime_computes_what_the_8_bit_graph_means()
    {
        Graph graph = GraphText.Parse(Text);
        Dictionary<string, Tensor> feeds = new() { ["x"] = FloatGraphTests.Numbers(TensorShape.Of(1, 6, 6, 3), new Random(3)) };
        float[] expected = new CpuBackend().Compile(graph, ["y"], CompileOptions.Default).Run(feeds)[0].ToSingles();
        float[] actual = OnnxRun.Run(graph, feeds, "y")["y"].ToSingles();
        double largest = expected.Max(Math.Abs);
        Assert.True(largest > 0.5, "the result says nothing");
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - (Tolerance * largest), pair.First + (Tolerance * largest)));
    }
}
