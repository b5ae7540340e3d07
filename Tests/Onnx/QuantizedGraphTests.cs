using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Text;
using TransformFramework.ModelFiles;

namespace TransformFramework.Onnx;

/// <summary>Graphs of 8-bit values with constant ranges, exported and run in ONNX Runtime, against our own kernels. Const nodes with a shape instead of a value get random contents.</summary>
public sealed class QuantizedGraphTests
{
    private const double FewElements = 0.02;

    /// <summary>Fused layers round in ONNX Runtime as they do here, also where a sum is near a tie.</summary>
    private const double NoElements = 0;

    /// <summary>With weights up to this the sum of two products with 8-bit data fits in 16 bits, so that ONNX Runtime is exact on CPUs without VNNI too.</summary>
    private const int LargestWeight = 64;

    private const string Input = """
        xmin = Const() {dtype=float, value=float[]{-1.25}}
        zero = Const() {dtype=float, value=float[]{0}}
        xmax = Const() {dtype=float, value=float[]{1.25}}
        ymin = Const() {dtype=float, value=float[]{-4}}
        ymax = Const() {dtype=float, value=float[]{4}}
        x = Placeholder() {dtype=float, shape=(2,9,7,6)}
        signed = QuantizeV2(x, xmin, xmax) {T=qint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
        unsigned = QuantizeV2(x, zero, xmax) {T=quint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
        filter = Const() {dtype=qint8, shape=(3,3,6,5)}
        most = Const() {dtype=float, value=float[5]{0.5, 0.25, 1, 0.75, 0.125}}
        least = Neg(most) {T=float}
        bias = Const() {dtype=qint32, shape=(5)}
        floatbias = Const() {dtype=float, shape=(5)}

        """;

    /// <summary>
    /// Each graph with what its result may be off by, about a quantized value, and the part of the elements that may be off: sums in another order may round to the next quantized value, a residual brings another rounding.
    /// </summary>
    public static TheoryData<string, float, double> Graphs => new()
    {
        {
            Input + """
            wide = QuantizeV2(x, xmin, xmax) {T=qint16, mode="SCALED", round_mode="HALF_TO_EVEN", narrow_range=true}
            real = Dequantize(wide, xmin, xmax) {T=qint16, mode="SCALED"}
            w = Dequantize(filter, least, most) {T=qint8, mode="SCALED", axis=3}
            y = Conv2D(real, w) {T=float, strides=[1,2,2,1], padding="SAME"}
            """,
            4e-3f,
            FewElements
        },
        {
            Input + """
            wide = QuantizeV2(x, xmin, xmax) {T=qint16, mode="SCALED", round_mode="HALF_TO_EVEN", narrow_range=true}
            real = Dequantize(wide, xmin, xmax) {T=qint16, mode="SCALED"}
            depthwise = Const() {dtype=qint8, shape=(3,3,6,2)}
            high = Const() {dtype=float, value=float[6]{0.5, 0.25, 1, 0.75, 0.125, 0.3}}
            low = Neg(high) {T=float}
            w = Dequantize(depthwise, low, high) {T=qint8, mode="SCALED", axis=2}
            c = DepthwiseConv2dNative(real, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            z = QuantizeV2(c, ymin, ymax) {T=qint16, mode="SCALED", round_mode="HALF_TO_EVEN", narrow_range=true}
            y = Dequantize(z, ymin, ymax) {T=qint16, mode="SCALED"}
            """,
            1e-3f,
            FewElements
        },
        {
            Input + """
            rounded = QuantizeAndDequantizeV2(x, xmin, xmax) {T=float, range_given=true}
            integers = Const() {dtype=int8, shape=(3,3,6,5)}
            units = Const() {dtype=float, value=float[5]{0.004, 0.002, 0.008, 0.001, 0.003}}
            floats = Cast(integers) {SrcT=int8, DstT=float}
            w = Mul(floats, units) {T=float}
            c = Conv2D(rounded, w) {T=float, strides=[1,2,2,1], padding="SAME"}
            y = QuantizeAndDequantizeV2(c, ymin, ymax) {T=float, range_given=true}
            """,
            4f / 127,
            FewElements
        },
        {
            Input + """
            zero16 = QuantizeV2(x, zero, xmax) {T=quint16, mode="SCALED", round_mode="HALF_TO_EVEN"}
            y = Dequantize(zero16, zero, xmax) {T=quint16, mode="SCALED"}
            """,
            1e-4f,
            FewElements
        },
        {
            Input + """
            c = QuantizedConv2DWithBiasAndReluAndRequantize(unsigned, filter, bias, zero, xmax, least, most, zero, ymax) {Tinput=quint8, Tfilter=qint8, Tbias=qint32, out_type=quint8, strides=[1,2,2,1], padding="SAME"}
            y = Dequantize(c, zero, ymax) {T=quint8, mode="SCALED"}
            """,
            4f / 255,
            NoElements
        },
        {
            Input + """
            c = QuantizedConv2DWithBiasAndRequantize(signed, filter, bias, xmin, xmax, least, most, ymin, ymax) {Tinput=qint8, Tfilter=qint8, Tbias=qint32, out_type=qint8, strides=[1,1,1,1], padding="VALID"}
            y = Dequantize(c, ymin, ymax) {T=qint8, mode="SCALED"}
            """,
            4f / 127,
            NoElements
        },
        {
            Input + """
            a = QuantizedConv2DWithBiasAndReluAndRequantize(unsigned, filter, bias, zero, xmax, least, most, zero, ymax) {Tinput=quint8, Tfilter=qint8, Tbias=qint32, out_type=quint8, strides=[1,1,1,1], padding="SAME"}
            c = QuantizedConv2DWithBiasSumAndReluAndRequantize(unsigned, filter, bias, zero, xmax, least, most, zero, ymax, a, zero, ymax) {Tinput=quint8, Tfilter=qint8, Tbias=qint32, Tsummand=quint8, out_type=quint8, strides=[1,1,1,1], padding="SAME"}
            y = Dequantize(c, zero, ymax) {T=quint8, mode="SCALED"}
            """,
            2 * 4f / 255,
            0.5
        },
        {
            Input + """
            w = Const() {dtype=qint8, shape=(3,3,6,1)}
            b = Const() {dtype=qint32, shape=(6)}
            c = QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize(unsigned, w, b, zero, xmax, xmin, xmax, zero, ymax) {Tinput=quint8, Tfilter=qint8, Tbias=qint32, out_type=quint8, strides=[1,1,1,1], padding="SAME"}
            y = Dequantize(c, zero, ymax) {T=quint8, mode="SCALED"}
            """,
            4f / 255,
            NoElements
        },
        {
            Input + """
            w = Const() {dtype=qint8, shape=(3,3,6,1)}
            b = Const() {dtype=float, shape=(6)}
            c = QuantizedDepthwiseConv2DWithBias(signed, w, b, xmin, xmax, xmin, xmax) {Tinput=qint8, Tfilter=qint8, out_type=qint32, strides=[1,1,1,1], padding="SAME"}
            r = RequantizePerChannel(c, c:1, c:2, ymin, ymax) {T=qint32, out_type=qint8}
            y = Dequantize(r, ymin, ymax) {T=qint8, mode="SCALED"}
            """,
            4f / 127,
            NoElements
        },
        {
            Input + """
            c = QuantizedConv2DWithBias(signed, filter, floatbias, xmin, xmax, least, most) {Tinput=qint8, Tfilter=qint8, out_type=qint32, strides=[1,1,1,1], padding="SAME"}
            y = Dequantize(c, c:1, c:2) {T=qint32, mode="SCALED", axis=3}
            """,
            6e-3f,
            FewElements
        },
        {
            Input + """
            n0 = Const() {dtype=float, value=float[]{-127}}
            n1 = Const() {dtype=float, value=float[]{127}}
            whole = Const() {dtype=float, value=float[5]{100, -2000, 31, 0, 77}}
            units = Const() {dtype=float, value=float[5]{1e-4, 2e-4, 3e-4, 1e-4, 2e-4}}
            c = QuantizedConv2DWithBias(signed, filter, whole, n0, n1, n0, n1) {Tinput=qint8, Tfilter=qint8, out_type=qint32, strides=[1,1,1,1], padding="SAME"}
            i = Bitcast(c) {T=qint32, type=int32}
            f = Cast(i) {SrcT=int32, DstT=float}
            y = Mul(f, units) {T=float}
            """,
            6e-3f,
            FewElements
        },
        {
            Input + """
            w = Const() {dtype=qint8, shape=(3,3,6,1)}
            n1 = Const() {dtype=float, value=float[]{127}}
            n0 = Const() {dtype=float, value=float[]{-127}}
            all = Const() {dtype=float, value=float[]{255}}
            whole = Const() {dtype=float, value=float[6]{100, -2000, 31, 0, 77, 5}}
            less = Const() {dtype=float, value=float[6]{-200000, -300000, -100000, -200000, -300000, -400000}}
            more = Const() {dtype=float, value=float[6]{200000, 300000, 100000, 200000, 300000, 400000}}
            c = QuantizedDepthwiseConv2DWithBias(unsigned, w, whole, zero, all, n0, n1) {Tinput=quint8, Tfilter=qint8, out_type=qint32, strides=[1,1,1,1], padding="SAME"}
            r = RequantizePerChannel(c, less, more, ymin, ymax) {T=qint32, out_type=qint8}
            y = Dequantize(r, ymin, ymax) {T=qint8, mode="SCALED"}
            """,
            4f / 127,
            NoElements
        },
        {
            Input + """
            s = Dequantize(signed, xmin, xmax) {T=qint8, mode="SCALED"}
            u = Dequantize(unsigned, zero, xmax) {T=quint8, mode="SCALED"}
            a = Add(s, u) {T=float}
            r = Relu(a) {T=float}
            q = QuantizeV2(r, zero, ymax) {T=quint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
            y = Dequantize(q, zero, ymax) {T=quint8, mode="SCALED"}
            """,
            4f / 255,
            FewElements
        },
    };

    [Theory]
    [MemberData(nameof(Graphs))]
    public void An_exported_graph_computes_the_same_quantized_values_in_ONNX_Runtime(string text, float code, double share)
    {
        var random = new Random(5);
        Graph graph = GraphText.Parse(text).Select(node => node.Op == "Const" && node.TensorAttribute("value") is null ? node.With("value", Contents(node, random)) : node);
        var feeds = new Dictionary<string, Tensor> { ["x"] = FloatGraphTests.Numbers(TensorShape.Of(2, 9, 7, 6), random) };
        Tensor expected = new CpuBackend().Compile(graph, ["y"], new() { UseReferenceKernels = true }).Run(feeds)[0];
        Tensor actual = OnnxRun.Run(graph, feeds, "y")["y"];
        Assert.Equal(expected.Shape, actual.Shape);
        float[] wanted = expected.AsSpan<float>().ToArray();
        float[] found = actual.AsSpan<float>().ToArray();
        Assert.True(wanted.Distinct().Count() > 10, "the result says nothing");
        Assert.All(wanted.Zip(found), pair => Assert.InRange(pair.Second, pair.First - (1.01f * code), pair.First + (1.01f * code)));
        Assert.InRange(wanted.Zip(found).Count(pair => Math.Abs(pair.First - pair.Second) > 0.01f * code), 0, (int)(share * wanted.Length));
    }

    [Theory]
    [InlineData("y = QuantizeV2(x, xmin, xmax) {T=quint8, mode=\"SCALED\"}", "HALF_TO_EVEN")]
    [InlineData("y = QuantizeV2(x, xmin, xmax) {T=qint32, mode=\"SCALED\", round_mode=\"HALF_TO_EVEN\"}", "qint32")]
    [InlineData("y = QuantizedConv2DWithBiasAndRequantize(signed, filter, bias, x, xmax, least, most, ymin, ymax) {Tinput=qint8, Tfilter=qint8, Tbias=qint32, out_type=qint8, strides=[1,1,1,1], padding=\"SAME\"}", "constant")]
    public void What_ONNX_lacks_is_refused_by_name(string node, string message)
    {
        var random = new Random(5);
        Graph graph = GraphText.Parse(Input + node).Select(each => each.Op == "Const" && each.TensorAttribute("value") is null ? each.With("value", Contents(each, random)) : each);
        var error = Assert.Throws<ModelFormatException>(() => new OnnxFormat().Write(graph, ["x"], ["y"], Stream.Null, CancellationToken.None));
        Assert.Contains("node 'y'", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static Tensor Contents(Node node, Random random)
    {
        TensorShape shape = ((ShapeValue)node.Attributes["shape"]).Value;
        DataType type = ((TypeValue)node.Attributes["dtype"]).Value;
        if (type == DataType.Float)
            return FloatGraphTests.Numbers(shape, random);
        if (type == DataType.QInt32)
            return Tensor.Create<int>(type, shape, [.. Enumerable.Range(0, (int)shape.ElementCount).Select(_ => random.Next(-9000, 9000))]);
        return Tensor.Create<sbyte>(type, shape, [.. Enumerable.Range(0, (int)shape.ElementCount).Select(_ => (sbyte)random.Next(-LargestWeight, LargestWeight + 1))]);
    }
}
