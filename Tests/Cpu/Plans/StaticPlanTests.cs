using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Plans of 8-bit graphs with constant ranges, against the reference kernels, bit for bit, with every kernel set of the machine.</summary>
public sealed class StaticPlanTests
{
    private const string Input = """
        xmin = Const() {dtype=float, value=float[]{-1.25}}
        zero = Const() {dtype=float, value=float[]{0}}
        xmax = Const() {dtype=float, value=float[]{1.25}}
        half = Const() {dtype=float, value=float[]{0.5}}
        minushalf = Const() {dtype=float, value=float[]{-0.5}}
        x = Placeholder() {dtype=float, shape=(2,7,9,20)}
        signed = QuantizeV2(x, xmin, xmax) {T=qint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
        unsigned = QuantizeV2(x, zero, xmax) {T=quint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
        filter = Const() {dtype=qint8, shape=(3,2,20,37)}
        ends = Const() {dtype=float, shape=(37)}
        most = Abs(ends) {T=float}
        least = Neg(most) {T=float}
        bias = Const() {dtype=qint32, shape=(37)}
        floatbias = Const() {dtype=float, shape=(37)}
        ymin = Const() {dtype=float, value=float[]{-5}}
        ymax = Const() {dtype=float, value=float[]{6}}

        """;

    private const string Reals = Input + """
        s = Dequantize(signed, xmin, xmax) {T=qint8, mode="SCALED"}
        u = Dequantize(unsigned, zero, xmax) {T=quint8, mode="SCALED"}

        """;

    private static string Convolution(string op, string input, string type, string rest, string attributes) => Input + $$"""
        y = {{op}}({{input}}, filter, {{rest}}) {Tinput={{type}}, Tfilter=qint8, {{attributes}}, padding="SAME"}
        """;

    private static string Depthwise(int height, int width, int channels, int stride, string padding) => $$$"""
        zero = Const() {dtype=float, value=float[]{0}}
        one = Const() {dtype=float, value=float[]{1}}
        minusone = Const() {dtype=float, value=float[]{-1}}
        most = Const() {dtype=float, value=float[]{3}}
        x = Placeholder() {dtype=float, shape=(2,{{{height}}},{{{width}}},{{{channels}}})}
        q = QuantizeV2(x, zero, one) {T=quint8, mode="SCALED"}
        w = Const() {dtype=qint8, shape=(3,3,{{{channels}}},1)}
        b = Const() {dtype=qint32, shape=({{{channels}}})}
        y = QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize(q, w, b, zero, one, minusone, one, zero, most) {Tinput=quint8, Tfilter=qint8, Tbias=qint32, out_type=quint8, strides=[1,{{{stride}}},{{{stride}}},1], padding="{{{padding}}}"}
        """;

    /// <summary>The same graph with another number of output channels.</summary>
    private static string Channels(int columns, string graph) => graph.Replace("(37)", $"({columns})", StringComparison.Ordinal).Replace(",37)", $",{columns})", StringComparison.Ordinal);

    /// <summary>Accumulators of neutral ranges with a bias of whole numbers, and what reads them.</summary>
    private static string Accumulators(string input, string type, string bias, string rest, int columns = 37) => Channels(columns, Input + $$"""
        least32 = Const() {dtype=float, value=float[]{{(type == "qint8" ? "{-127}" : "{0}")}} }
        most32 = Const() {dtype=float, value=float[]{{(type == "qint8" ? "{127}" : "{255}")}} }
        lowest = Const() {dtype=float, value=float[]{-127} }
        highest = Const() {dtype=float, value=float[]{127} }
        thousands = Const() {dtype=float, value=float[]{{"{" + bias + "}"}} }
        wide = Mul(floatbias, thousands) {T=float}
        rounded = Round(wide) {T=float}
        scale = Const() {dtype=float, value=float[]{0.0001} }
        units = Mul(ends, scale) {T=float}
        c = QuantizedConv2DWithBias({{input}}, filter, rounded, least32, most32, lowest, highest) {Tinput={{type}}, Tfilter=qint8, out_type=qint32, strides=[1,1,1,1], padding="SAME"}

        """ + RealValues + rest);

    private const string RealValues = """
        i = Bitcast(c) {T=qint32, type=int32}
        f = Cast(i) {SrcT=int32, DstT=float}

        """;

    private static string Result(string graph) => Reals + graph + "\n        y = QuantizeV2(r, ymin, ymax) {T=qint8, mode=\"SCALED\", round_mode=\"HALF_TO_EVEN\"}";

    /// <summary>Each graph with the number of operators besides imports that its plan has.</summary>
    private static readonly Dictionary<string, (int Operators, PlanCase Case)> Cases = new(StringComparer.Ordinal)
    {
        ["bias, relu, requantization"] = (2, new(Convolution("QuantizedConv2DWithBiasAndReluAndRequantize", "unsigned", "quint8", "bias, zero, xmax, least, most, zero, ymax", "Tbias=qint32, out_type=quint8, strides=[1,1,1,1]"), "y", "y:1", "y:2")),
        ["strides, dilations, signed quantized"] = (3, new(Convolution("QuantizedConv2DWithBiasAndRequantize", "signed", "qint8", "bias, xmin, xmax, least, most, ymin, ymax", "Tbias=qint32, out_type=qint8, strides=[1,2,2,1], dilations=[1,1,1,1]"), "y", "y:1", "y:2")),
        ["a float bias"] = (3, new(Convolution("QuantizedConv2DWithBiasAndRequantize", "signed", "qint8", "floatbias, xmin, xmax, least, most, ymin, ymax", "Tbias=float, out_type=qint8, strides=[1,1,1,1]"), "y", "y:1", "y:2")),
        ["no bias, one range"] = (2, new(Convolution("QuantizedConv2DAndRequantize", "unsigned", "quint8", "zero, xmax, minushalf, half, ymin, ymax", "out_type=qint8, strides=[1,1,1,1]"), "y", "y:1", "y:2")),
        ["sum of a quint8 tensor"] = (3, new(Input + """
            a = QuantizedConv2DWithBiasAndReluAndRequantize(unsigned, filter, bias, zero, xmax, least, most, zero, ymax) {Tinput=quint8, Tfilter=qint8, Tbias=qint32, out_type=quint8, strides=[1,1,1,1], padding="SAME"}
            y = QuantizedConv2DWithBiasSumAndReluAndRequantize(unsigned, filter, bias, zero, xmax, least, most, zero, half, a, zero, ymax) {Tinput=quint8, Tfilter=qint8, Tbias=qint32, Tsummand=quint8, out_type=quint8, strides=[1,1,1,1], padding="SAME"}
            """, "y", "y:1", "y:2")),
        ["sum of a qint8 tensor"] = (3, new(Input + """
            a = QuantizedConv2DWithBiasAndRequantize(unsigned, filter, bias, zero, xmax, least, most, ymin, ymax) {Tinput=quint8, Tfilter=qint8, Tbias=qint32, out_type=qint8, strides=[1,1,1,1], padding="SAME"}
            y = QuantizedConv2DWithBiasSignedSumAndReluAndRequantize(unsigned, filter, bias, zero, xmax, least, most, zero, half, a, ymin, ymax) {Tinput=quint8, Tfilter=qint8, Tbias=qint32, Tsummand=qint8, out_type=quint8, strides=[1,1,1,1], padding="SAME"}
            """, "y", "a", "y:2")),
        ["few channels over padded images"] = (4, new("""
            xmin = Const() {dtype=float, value=float[]{-1}}
            xmax = Const() {dtype=float, value=float[]{1}}
            x = Placeholder() {dtype=float, shape=(2,11,10,3)}
            q = QuantizeV2(x, xmin, xmax) {T=qint8, mode="SCALED"}
            filter = Const() {dtype=qint8, shape=(5,3,3,70)}
            floatbias = Const() {dtype=float, shape=(70)}
            y = QuantizedConv2DWithBiasAndRequantize(q, filter, floatbias, xmin, xmax, xmin, xmax, xmin, xmax) {Tinput=qint8, Tfilter=qint8, Tbias=float, out_type=qint8, strides=[1,2,2,1], padding="SAME"}
            """, "y", "y:1")),
        ["accumulators, then numbers"] = (4, new(Convolution("QuantizedConv2DWithBias", "signed", "qint8", "floatbias, xmin, xmax, least, most", "out_type=qint32, strides=[1,1,1,1]") + "\n        z = Dequantize(y, y:1, y:2) {T=qint32, mode=\"SCALED\", axis=3}", "z", "y:1", "y:2")),
        ["accumulators by units"] = (2, new(Accumulators("unsigned", "quint8", "1000", "y = Mul(f, units) {T=float}"), "y")),
        ["signed accumulators by units"] = (3, new(Accumulators("signed", "qint8", "1000", "y = Mul(units, f) {T=float}", 64), "y")),
        ["accumulators of a large bias"] = (3, new(Accumulators("signed", "qint8", "2e8", "y = Mul(f, units) {T=float}"), "y")),
        ["accumulators, relu"] = (2, new(Accumulators("unsigned", "quint8", "1000", "m = Mul(f, units) {T=float}\ny = Relu6(m) {T=float}", 33), "y")),
        ["accumulators, a residual, relu"] = (4, new(Channels(20, Accumulators("again", "quint8", "1000", "m = Mul(f, units) {T=float}\na = AddV2(m, s) {T=float}\ny = Relu(a) {T=float}\n", 20).Replace("least32 = Const", "s = Dequantize(signed, xmin, xmax) {T=qint8, mode=\"SCALED\"}\nagain = QuantizeV2(s, zero, xmax) {T=quint8, mode=\"SCALED\"}\nleast32 = Const", StringComparison.Ordinal)), "y")),
        ["accumulators whose range is read too"] = (2, new(Accumulators("unsigned", "quint8", "1000", "y = Mul(f, units) {T=float}"), "y", "c:1", "c:2")),
        ["depthwise accumulators, requantized"] = (2, new(Input + """
            w = Const() {dtype=qint8, shape=(3,3,20,1)}
            b = Const() {dtype=float, value=float[20]{1, -2000, 3, 40000, 5, 6, 7, 8, 9, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10} }
            all = Const() {dtype=float, value=float[]{255}}
            lowest = Const() {dtype=float, value=float[]{-127}}
            highest = Const() {dtype=float, value=float[]{127}}
            thousands = Const() {dtype=float, value=float[]{300000}}
            ranges = Mul(b, thousands) {T=float}
            more = Abs(ranges) {T=float}
            less = Neg(more) {T=float}
            c = QuantizedDepthwiseConv2DWithBias(unsigned, w, b, zero, all, lowest, highest) {Tinput=quint8, Tfilter=qint8, out_type=qint32, strides=[1,1,1,1], padding="SAME"}
            y = RequantizePerChannel(c, less, more, ymin, ymax) {T=qint32, out_type=qint8}
            """, "y")),
        ["depthwise, quint8"] = (2, new(Input + """
            w = Const() {dtype=qint8, shape=(3,5,20,1)}
            b = Const() {dtype=qint32, shape=(20)}
            y = QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize(unsigned, w, b, zero, xmax, minushalf, half, zero, ymax) {Tinput=quint8, Tfilter=qint8, Tbias=qint32, out_type=quint8, strides=[1,1,1,1], padding="SAME"}
            """, "y", "y:1", "y:2")),
        ["depthwise, qint8, many channels"] = (3, new("""
            xmin = Const() {dtype=float, value=float[]{-1}}
            xmax = Const() {dtype=float, value=float[]{1}}
            x = Placeholder() {dtype=float, shape=(1,13,12,300)}
            q = QuantizeV2(x, xmin, xmax) {T=qint8, mode="SCALED"}
            filter = Const() {dtype=qint8, shape=(3,3,300,1)}
            floatbias = Const() {dtype=float, shape=(300)}
            c = QuantizedDepthwiseConv2DWithBias(q, filter, floatbias, xmin, xmax, xmin, xmax) {Tinput=qint8, Tfilter=qint8, out_type=qint32, strides=[1,2,2,1], padding="SAME"}
            y = Dequantize(c, c:1, c:2) {T=qint32, mode="SCALED"}
            """, "y", "c", "c:2")),
        ["depthwise 3 × 3 over whole vectors"] = (2, new(Depthwise(7, 21, 32, 1, "SAME"), "y")),
        ["depthwise 3 × 3 of stride 2"] = (2, new(Depthwise(8, 19, 48, 2, "SAME"), "y")),
        ["depthwise 3 × 3 of stride 2, nothing before the image"] = (2, new(Depthwise(10, 34, 64, 2, "SAME"), "y")),
        ["depthwise 3 × 3 over images of its size"] = (2, new(Depthwise(3, 3, 16, 1, "SAME"), "y")),
        ["depthwise 3 × 3 within the image"] = (2, new(Depthwise(5, 12, 80, 1, "VALID"), "y")),
        ["depthwise 3 × 3 over a narrow image"] = (2, new(Depthwise(9, 2, 32, 1, "SAME"), "y")),
        ["16 channels"] = (2, new(Channels(16, Convolution("QuantizedConv2DWithBiasAndReluAndRequantize", "unsigned", "quint8", "bias, zero, xmax, least, most, zero, ymax", "Tbias=qint32, out_type=quint8, strides=[1,1,1,1]")), "y")),
        ["16 signed channels"] = (3, new(Channels(16, Convolution("QuantizedConv2DWithBiasAndRequantize", "signed", "qint8", "bias, xmin, xmax, least, most, ymin, ymax", "Tbias=qint32, out_type=qint8, strides=[1,1,1,1]")), "y")),
        ["32 channels"] = (2, new(Channels(32, Convolution("QuantizedConv2DWithBiasAndReluAndRequantize", "unsigned", "quint8", "bias, zero, xmax, least, most, zero, ymax", "Tbias=qint32, out_type=quint8, strides=[1,1,1,1]")), "y")),
        ["32 signed channels"] = (3, new(Channels(32, Convolution("QuantizedConv2DWithBiasAndRequantize", "signed", "qint8", "bias, xmin, xmax, least, most, ymin, ymax", "Tbias=qint32, out_type=qint8, strides=[1,1,1,1]")), "y")),
        ["48 channels"] = (2, new(Channels(48, Convolution("QuantizedConv2DWithBiasAndReluAndRequantize", "unsigned", "quint8", "bias, zero, xmax, least, most, zero, ymax", "Tbias=qint32, out_type=quint8, strides=[1,1,1,1]")), "y")),
        ["48 signed channels"] = (3, new(Channels(48, Convolution("QuantizedConv2DWithBiasAndRequantize", "signed", "qint8", "bias, xmin, xmax, least, most, ymin, ymax", "Tbias=qint32, out_type=qint8, strides=[1,1,1,1]")), "y")),
        ["64 channels"] = (2, new(Channels(64, Convolution("QuantizedConv2DWithBiasAndReluAndRequantize", "unsigned", "quint8", "bias, zero, xmax, least, most, zero, ymax", "Tbias=qint32, out_type=quint8, strides=[1,1,1,1]")), "y")),
        ["64 signed channels"] = (3, new(Channels(64, Convolution("QuantizedConv2DWithBiasAndRequantize", "signed", "qint8", "bias, xmin, xmax, least, most, ymin, ymax", "Tbias=qint32, out_type=qint8, strides=[1,1,1,1]")), "y")),
        ["144 channels"] = (2, new(Channels(144, Convolution("QuantizedConv2DWithBiasAndReluAndRequantize", "unsigned", "quint8", "bias, zero, xmax, least, most, zero, ymax", "Tbias=qint32, out_type=quint8, strides=[1,1,1,1]")), "y")),
        ["144 signed channels"] = (3, new(Channels(144, Convolution("QuantizedConv2DWithBiasAndRequantize", "signed", "qint8", "bias, xmin, xmax, least, most, ymin, ymax", "Tbias=qint32, out_type=qint8, strides=[1,1,1,1]")), "y")),
        ["80 channels and a residual"] = (3, new(Channels(80, Input + """
            a = QuantizedConv2DWithBiasAndReluAndRequantize(unsigned, filter, bias, zero, xmax, least, most, zero, ymax) {Tinput=quint8, Tfilter=qint8, Tbias=qint32, out_type=quint8, strides=[1,1,1,1], padding="SAME"}
            y = QuantizedConv2DWithBiasSumAndReluAndRequantize(unsigned, filter, bias, zero, xmax, least, most, zero, ymax, a, zero, ymax) {Tinput=quint8, Tfilter=qint8, Tbias=qint32, Tsummand=quint8, out_type=quint8, strides=[1,1,1,1], padding="SAME"}
            """), "y")),
        ["32 channels from zero to 127"] = (3, new(Channels(32, Convolution("QuantizedConv2DWithBiasAndReluAndRequantize", "signed", "qint8", "bias, xmin, xmax, least, most, ymin, ymax", "Tbias=qint32, out_type=qint8, strides=[1,1,1,1]")), "y")),
        ["addition and relu of quantized"] = (3, new(Reals + """
            a = Add(s, u) {T=float}
            r = Relu6(a) {T=float}
            y = QuantizeV2(r, zero, ymax) {T=quint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
            """, "y", "y:1", "y:2")),
        ["addition with ties away from zero"] = (3, new(Reals + """
            a = AddV2(s, u) {T=float}
            y = QuantizeV2(a, ymin, ymax) {T=qint8, mode="SCALED"}
            """, "y", "y:1", "y:2")),
        ["an activation by a table"] = (2, new(Result("    r = Relu(s) {T=float}"), "y", "y:1", "y:2")),
        ["requantization by a table"] = (2, new(Reals + "y = QuantizeV2(s, minushalf, ymax) {T=quint8, mode=\"SCALED\", round_mode=\"HALF_TO_EVEN\"}", "y", "y:1", "y:2")),
        ["quantized that stay"] = (1, new(Reals + "y = QuantizeV2(s, xmin, xmax) {T=qint8, mode=\"SCALED\", round_mode=\"HALF_TO_EVEN\"}", "y", "y:1", "y:2")),
        ["maxima of signed quantized"] = (2, new(Reals + """
            m = MaxPool(s) {T=float, ksize=[1,3,2,1], strides=[1,2,2,1], padding="SAME"}
            y = QuantizeV2(m, xmin, xmax) {T=qint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
            """, "y", "y:1")),
        ["padding in another range"] = (3, new(Reals + """
            p = Const() {dtype=int32, value=int32[4,2]{0, 0, 1, 2, 1, 0, 0, 0}}
            m = Pad(u, p) {T=float, Tpaddings=int32}
            y = QuantizeV2(m, minushalf, half) {T=qint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
            """, "y", "y:1")),
        ["concatenation of two ranges, reshape"] = (5, new(Reals + """
            axis = Const() {dtype=int32, value=int32[]{2}}
            m = ConcatV2(u, s, u, axis) {T=float, N=3}
            c = QuantizeV2(m, xmin, xmax) {T=qint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
            n = Dequantize(c, xmin, xmax) {T=qint8, mode="SCALED"}
            shape = Const() {dtype=int32, value=int32[2]{-1, 9}}
            r = Reshape(n, shape) {T=float}
            y = QuantizeV2(r, xmin, xmax) {T=qint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
            """, "y", "y:1")),
        ["quantized and numbers both read"] = (4, new(Reals + """
            a = Add(s, u) {T=float}
            y = QuantizeV2(a, xmin, xmax) {T=qint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
            """, "y", "s")),
    };

    public static TheoryData<string, string> CasesAndSets() => PlanCases.WithSets(Cases.Keys);

    [SkippableTheory]
    [MemberData(nameof(CasesAndSets))]
    public void A_plan_has_the_bits_of_the_reference_kernels(string name, string set)
    {
        var (_, graph) = Cases[name];
        var expected = graph.Reference();
        var actual = graph.Run(graph.Plan(set)!);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].Shape, actual[i].Shape);
            Assert.Equal(expected[i].Bytes.ToArray(), actual[i].Bytes.ToArray());
        }
    }

    [SkippableTheory]
    [MemberData(nameof(CasesAndSets))]
    public void A_plan_fuses_what_belongs_together(string name, string set)
    {
        var (operators, graph) = Cases[name];
        ExecutionPlan plan = graph.Plan(set)!;
        Assert.DoesNotContain(plan.Operators, op => op is ReferenceOperator);
        Assert.Equal(operators, plan.Operators.Count(op => op is not ImportOperator));
    }

    [Fact]
    public void Running_into_buffers_allocates_nothing()
    {
        var (_, graph) = Cases["sum of a quint8 tensor"];
        var executable = graph.Compile(new() { Threads = 1 });
        Memory<byte>[] buffers = [.. executable.Run(graph.Feeds).Select(tensor => (Memory<byte>)new byte[tensor.Bytes.Length])];
        Assert.Equal(0, SteadyState.AllocatedBytes(() => executable.Run(graph.Feeds, buffers)));
    }
}
