using TransformFramework.Cpu.Microkernels;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Plans of 8-bit graphs with ranges found in the run, against the reference kernels, bit for bit, with every kernel set of the machine.</summary>
public sealed class QuantizedPlanTests
{
    private const string Quantization = """
        x = Placeholder() {dtype=float, shape=(2,9,8,5)}
        dims = Const() {dtype=int32, value=int32[1]{-1}}
        axes = Const() {dtype=int32, value=int32[1]{0}}
        flat = Reshape(x, dims) {T=float}
        least = Min(flat, axes) {T=float}
        most = Max(flat, axes) {T=float}
        q = QuantizeV2(x, least, most) {T=quint8, mode="MIN_FIRST"}
        wmin = Const() {dtype=float, value=float[]{-0.375}}
        wmax = Const() {dtype=float, value=float[]{0.5}}

        """;

    private const string Product = Quantization + """
        w = Const() {dtype=quint8, shape=(3,2,5,37)}
        c = QuantizedConv2D(q, w, q:1, q:2, wmin, wmax) {Tinput=quint8, Tfilter=quint8, out_type=qint32, strides=[1,1,1,1], padding="SAME"}
        cr = RequantizationRange(c, c:1, c:2) {Tinput=qint32}
        cq = Requantize(c, c:1, c:2, cr, cr:1) {Tinput=qint32, out_type=quint8}

        """;

    private const string Bias = Product + """
        b = Const() {dtype=quint8, shape=(37)}
        bmin = Const() {dtype=float, value=float[]{-0.2}}
        bmax = Const() {dtype=float, value=float[]{3.5}}
        a = QuantizedBiasAdd(cq, b, cq:1, cq:2, bmin, bmax) {T1=quint8, T2=quint8, out_type=qint32}
        ar = RequantizationRange(a, a:1, a:2) {Tinput=qint32}
        aq = Requantize(a, a:1, a:2, ar, ar:1) {Tinput=qint32, out_type=quint8}

        """;

    /// <summary>Each graph with the number of operators that are more than imports.</summary>
    private static readonly Dictionary<string, (int Operators, PlanCase Case)> Cases = new(StringComparer.Ordinal)
    {
        ["rounding to 16 bits"] = (2, new("""
            x = Placeholder() {dtype=float, shape=(2,9,8,5)}
            low = Const() {dtype=float, value=float[]{-0.7}}
            high = Const() {dtype=float, value=float[]{0.7}}
            q = QuantizeV2(x, low, high) {T=qint16, mode="SCALED", round_mode="HALF_TO_EVEN", narrow_range=true}
            d = Dequantize(q, low, high) {T=qint16, mode="SCALED"}
            y = Relu(d) {T=float}
            """, "d", "y")),
        ["convolution, requantization"] = (5, new(Product, "cq", "cq:1", "cq:2")),
        ["convolution, bias, relu"] = (5, new(Bias + "y = QuantizedRelu(aq, aq:1, aq:2) {Tinput=quint8, out_type=quint8}", "y", "y:1", "y:2")),
        ["convolution, bias, relu6"] = (5, new(Bias + "y = QuantizedRelu6(aq, aq:1, aq:2) {Tinput=quint8, out_type=quint8}", "y", "y:1", "y:2")),
        ["a bias whose residual is read twice"] = (5, new(Bias, "cq", "aq", "aq:1", "aq:2")),
        ["accumulators and ranges that are read"] = (5, new(Product, "c", "c:1", "c:2", "cq")),
        ["strided convolution over whole windows"] = (5, new(Quantization + """
            w = Const() {dtype=quint8, shape=(4,3,5,70)}
            c = QuantizedConv2D(q, w, q:1, q:2, wmin, wmax) {Tinput=quint8, Tfilter=quint8, out_type=qint32, strides=[1,3,3,1], padding="VALID"}
            cr = RequantizationRange(c, c:1, c:2) {Tinput=qint32}
            y = Requantize(c, c:1, c:2, cr, cr:1) {Tinput=qint32, out_type=quint8}
            """, "y", "y:1", "y:2")),
        ["frozen ranges"] = (5, new(Quantization + """
            w = Const() {dtype=quint8, shape=(1,1,5,130)}
            low = Const() {dtype=float, value=float[]{-0.5}}
            high = Const() {dtype=float, value=float[]{0.75}}
            c = QuantizedConv2D(q, w, q:1, q:2, wmin, wmax) {Tinput=quint8, Tfilter=quint8, out_type=qint32, strides=[1,1,1,1], padding="SAME"}
            cq = Requantize(c, c:1, c:2, low, high) {Tinput=qint32, out_type=quint8}
            b = Const() {dtype=quint8, shape=(130)}
            a = QuantizedBiasAdd(cq, b, cq:1, cq:2, wmin, wmax) {T1=quint8, T2=quint8, out_type=qint32}
            y = Requantize(a, a:1, a:2, low, high) {Tinput=qint32, out_type=quint8}
            """, "y", "y:1", "y:2")),
        ["addition, pooling, reshape, numbers"] = (10, new(Product + """
            m = QuantizedMaxPool(cq, cq:1, cq:2) {T=quint8, ksize=[1,3,3,1], strides=[1,1,1,1], padding="SAME"}
            n = QuantizedAvgPool(cq, cq:1, cq:2) {T=quint8, ksize=[1,2,3,1], strides=[1,1,1,1], padding="SAME"}
            s = QuantizedAdd(m, n, m:1, m:2, n:1, n:2) {T1=quint8, T2=quint8, Toutput=qint32}
            sr = RequantizationRange(s, s:1, s:2) {Tinput=qint32}
            sq = Requantize(s, s:1, s:2, sr, sr:1) {Tinput=qint32, out_type=quint8}
            r = QuantizedRelu(sq, sq:1, sq:2) {Tinput=quint8, out_type=quint8}
            f = QuantizedReshape(r, dims, r:1, r:2) {T=quint8, Tshape=int32}
            y = Dequantize(f, f:1, f:2) {T=quint8, mode="MIN_FIRST"}
            """, "y", "f:1", "f:2")),
        ["ranges with a least upper end"] = (5, new(Quantization + """
            w = Const() {dtype=quint8, shape=(3,2,5,37)}
            high = Const() {dtype=float, value=float[]{9}}
            tiny = Const() {dtype=float, value=float[]{1e-06}}
            c = QuantizedConv2D(q, w, q:1, q:2, wmin, wmax) {Tinput=quint8, Tfilter=quint8, out_type=qint32, strides=[1,1,1,1], padding="SAME"}
            cr = RequantizationRange(c, c:1, c:2) {Tinput=qint32}
            cm = Maximum(cr:1, high) {T=float}
            cq = Requantize(c, c:1, c:2, cr, cm) {Tinput=qint32, out_type=quint8}
            b = Const() {dtype=quint8, shape=(37)}
            low = Const() {dtype=float, value=float[]{-90}}
            top = Const() {dtype=float, value=float[]{-80}}
            a = QuantizedBiasAdd(cq, b, cq:1, cq:2, low, top) {T1=quint8, T2=quint8, out_type=qint32}
            ar = RequantizationRange(a, a:1, a:2) {Tinput=qint32}
            am = Maximum(ar:1, tiny) {T=float}
            aq = Requantize(a, a:1, a:2, ar, am) {Tinput=qint32, out_type=quint8}
            y = QuantizedRelu(aq, aq:1, aq:2) {Tinput=quint8, out_type=quint8}
            """, "y", "y:1", "y:2")),
        ["a least upper end that is read elsewhere"] = (5, new(Product.Replace("cr, cr:1)", "cr, cm)", StringComparison.Ordinal) + """
            high = Const() {dtype=float, value=float[]{9}}
            cm = Maximum(cr:1, high) {T=float}
            """, "cq", "cq:1", "cm")),
        ["the mean of an image"] = (5, new(Quantization + """
            spatial = Const() {dtype=int32, value=int32[2]{1, 2}}
            d = Dequantize(q, q:1, q:2) {T=quint8, mode="MIN_FIRST"}
            y = Mean(d, spatial) {T=float, Tidx=int32, keep_dims=true}
            """, "q", "y")),
        ["matrix product with a transposed matrix"] = (5, new("""
            x = Placeholder() {dtype=float, shape=(5,77)}
            axes = Const() {dtype=int32, value=int32[2]{0, 1}}
            least = Min(x, axes) {T=float}
            most = Max(x, axes) {T=float}
            q = QuantizeV2(x, least, most) {T=quint8, mode="MIN_FIRST"}
            w = Const() {dtype=quint8, shape=(19,77)}
            wmin = Const() {dtype=float, value=float[]{-0.375}}
            wmax = Const() {dtype=float, value=float[]{0.5}}
            p = QuantizedMatMul(q, w, q:1, q:2, wmin, wmax) {T1=quint8, T2=quint8, Toutput=qint32, transpose_b=true}
            pr = RequantizationRange(p, p:1, p:2) {Tinput=qint32}
            y = Requantize(p, p:1, p:2, pr, pr:1) {Tinput=qint32, out_type=quint8}
            """, "y", "y:1", "y:2")),
    };

    public static TheoryData<string, string> CasesAndSets() => PlanCases.WithSets(Cases.Keys);

    [SkippableTheory]
    [MemberData(nameof(CasesAndSets))]
    public void A_plan_has_the_bits_of_the_reference_kernels(string name, string set)
    {
        var (_, graph) = Cases[name];
        AssertSame(graph, set);
    }

    /// <summary>Eight threads share one executable, as servers do.</summary>
    [Fact]
    public void A_thousand_runs_at_once_give_the_same_bits()
    {
        var (_, graph) = Cases["convolution, bias, relu"];
        Assert.Equal(1000, graph.RepeatedRuns(graph.Reference()[0]));
    }

    [Fact]
    public void Running_into_buffers_allocates_nothing()
    {
        var (_, graph) = Cases["convolution, bias, relu"];
        var executable = graph.Compile(new() { Threads = 1 });
        Memory<byte>[] buffers = [.. executable.Run(graph.Feeds).Select(tensor => (Memory<byte>)new byte[tensor.Bytes.Length])];
        Assert.Equal(0, SteadyState.AllocatedBytes(() => executable.Run(graph.Feeds, buffers)));
    }

    [SkippableTheory]
    [MemberData(nameof(CasesAndSets))]
    public void A_plan_fuses_requantizations(string name, string set)
    {
        var (operators, graph) = Cases[name];
        ExecutionPlan plan = graph.Plan(set)!;
        Assert.DoesNotContain(plan.Operators, op => op is ReferenceOperator && op.Node.Op != "QuantizedBiasAdd" && op.Node.Op != "Maximum" && op.Node.Op != "RequantizationRange" && op.Node.Op != "Requantize");
        Assert.Equal(operators, plan.Operators.Count(op => op is not (ImportOperator or ExportOperator or ReferenceOperator)));
    }

    /// <summary>Ranges without zero, of a point, reversed, infinite, of denormals and of no number, which kernels take as they are or refuse.</summary>
    [SkippableTheory]
    [InlineData(0.25f, 3f)]
    [InlineData(-3f, -0.25f)]
    [InlineData(0f, 0f)]
    [InlineData(1f, -1f)]
    [InlineData(float.NegativeInfinity, 1f)]
    [InlineData(-1f, float.PositiveInfinity)]
    [InlineData(-1e-40f, 1e-39f)]
    [InlineData(-1e-38f, 1e-38f)]
    [InlineData(-3e38f, 3e38f)]
    [InlineData(float.NaN, 1f)]
    [InlineData(-1000f, 0.001f)]
    [InlineData(-1e-6f, 1000f)]
    public void Ranges_out_of_the_ordinary_are_left_to_the_reference_kernels(float least, float most)
    {
        var graph = new PlanCase("""
            x = Placeholder() {dtype=quint8, shape=(1,4,5,6)}
            least = Placeholder() {dtype=float, shape=()}
            most = Placeholder() {dtype=float, shape=()}
            w = Const() {dtype=quint8, shape=(3,3,6,21)}
            wmin = Const() {dtype=float, value=float[]{-0.375}}
            wmax = Const() {dtype=float, value=float[]{0.5}}
            c = QuantizedConv2D(x, w, least, most, wmin, wmax) {Tinput=quint8, Tfilter=quint8, out_type=qint32, strides=[1,1,1,1], padding="SAME"}
            cr = RequantizationRange(c, c:1, c:2) {Tinput=qint32}
            cq = Requantize(c, c:1, c:2, cr, cr:1) {Tinput=qint32, out_type=quint8}
            b = Const() {dtype=quint8, shape=(21)}
            a = QuantizedBiasAdd(cq, b, cq:1, cq:2, wmin, wmax) {T1=quint8, T2=quint8, out_type=qint32}
            ar = RequantizationRange(a, a:1, a:2) {Tinput=qint32}
            aq = Requantize(a, a:1, a:2, ar, ar:1) {Tinput=qint32, out_type=quint8}
            s = QuantizedAdd(aq, aq, aq:1, aq:2, aq:1, aq:2) {T1=quint8, T2=quint8, Toutput=qint32}
            sr = RequantizationRange(s, s:1, s:2) {Tinput=qint32}
            y = Requantize(s, s:1, s:2, sr, sr:1) {Tinput=qint32, out_type=quint8}
            """, "y", "y:1", "y:2", "c:1");
        graph.Feeds["least"] = Tensor.Scalar(least);
        graph.Feeds["most"] = Tensor.Scalar(most);
        Exception? refusal = Record.Exception(() => graph.Reference());
        ExecutionPlan plan = graph.Plan("scalar")!;
        if (refusal is null)
            AssertSame(graph, "scalar");
        else
            Assert.Equal(refusal.Message, Assert.Throws(refusal.GetType(), () => graph.Run(plan)).Message);
    }

    /// <summary>The sign of the first zero counts, denormals are zeros, what is not a number is left out.</summary>
    [SkippableTheory]
    [InlineData(3f, -0f, 0f, 5f)]
    [InlineData(4f, 0f, -0f, 6f)]
    [InlineData(-3f, -0f, 0f, -5f)]
    [InlineData(-1e-40f, 0f, 1e-40f, 0f)]
    [InlineData(float.NaN, -2f, 1e30f, float.NaN)]
    [InlineData(float.NaN, float.NaN, float.NaN, float.NaN)]
    [InlineData(float.NegativeInfinity, float.PositiveInfinity, 0f, 0f)]
    public void Extremes_have_the_bits_of_the_reference_kernels(params float[] numbers)
    {
        var graph = new PlanCase("""
            x = Placeholder() {dtype=float, shape=(39)}
            axes = Const() {dtype=int32, value=int32[1]{0}}
            least = Min(x, axes) {T=float}
            most = Max(x, axes) {T=float}
            """, "least", "most");
        graph.Feeds["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(39), [.. Enumerable.Range(0, 39).Select(i => numbers[i % 4])]);
        foreach (MicrokernelSet set in MicrokernelCatalog.Supported)
            AssertSame(graph, set.Name);
    }

    private static void AssertSame(PlanCase graph, string set)
    {
        var expected = graph.Reference();
        var actual = graph.Run(graph.Plan(set)!);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].Shape, actual[i].Shape);
            Assert.Equal(expected[i].Bytes.ToArray(), actual[i].Bytes.ToArray());
        }
    }
}
