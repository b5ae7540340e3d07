using System.Collections.Immutable;
using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Text;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite;

/// <summary>Graphs that are written and read again compute the same. Const nodes with a shape instead of a value get random contents.</summary>
public sealed class WriterTests
{
    /// <summary>Sums are taken in another order.</summary>
    private const double FloatTolerance = 1e-5;

    private const string Image = "x = Placeholder() {dtype=float, shape=(1,8,8,4)}\n";

    /// <summary>Each graph, the operators that it becomes, and what results may be off by as a part of the largest.</summary>
    public static TheoryData<string, string, double> Graphs => new()
    {
        {
            Image + """
            w = Const() {dtype=float, shape=(3,3,4,5)}
            b = Const() {dtype=float, shape=(5)}
            c = Conv2D(x, w) {T=float, strides=[1,2,2,1], padding="SAME"}
            a = BiasAdd(c, b) {T=float}
            y = Relu6(a) {T=float}
            """,
            "CONV_2D 1",
            FloatTolerance
        },
        {
            Image + """
            w = Const() {dtype=float, shape=(3,3,4,5)}
            g = Const() {dtype=float, shape=(5)}
            v = Const() {dtype=float, value=float[5]{0.5, 1, 2, 0.25, 3}}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="EXPLICIT", explicit_paddings=[0,0,1,2,0,1,0,0]}
            n = FusedBatchNormV3(c, g, g, g, v) {T=float, U=float, is_training=false, epsilon=0.001}
            y = Relu(n) {T=float}
            """,
            "PAD 1, CONV_2D 1",
            FloatTolerance
        },
        {
            Image + """
            w = Const() {dtype=float, shape=(3,3,4,2)}
            c = DepthwiseConv2dNative(x, w) {T=float, strides=[1,1,1,1], padding="VALID"}
            three = Const() {dtype=float, value=float[]{3}}
            sixth = Const() {dtype=float, value=float[]{0.16666667}}
            s = AddV2(c, three) {T=float}
            r = Relu6(s) {T=float}
            m = Mul(c, r) {T=float}
            y = Mul(m, sixth) {T=float}
            """,
            "DEPTHWISE_CONV_2D 1, HARD_SWISH 1",
            FloatTolerance
        },
        {
            """
            x = Placeholder() {dtype=float, shape=(?,6,4)}
            s = Shape(x) {T=float}
            zero = Const() {dtype=int32, value=int32[1]{0}}
            one = Const() {dtype=int32, value=int32[1]{1}}
            n = StridedSlice(s, zero, one, one) {T=int32, Index=int32, shrink_axis_mask=1}
            rest = Const() {dtype=int32, value=int32[]{24}}
            p = Pack(n, rest) {T=int32, N=2}
            f = Reshape(x, p) {T=float}
            w = Const() {dtype=float, shape=(24,3)}
            m = MatMul(f, w) {T=float}
            y = Softmax(m) {T=float}
            """,
            "RESHAPE 1, FULLY_CONNECTED 1, SOFTMAX 1",
            FloatTolerance
        },
        {
            Image + """
            zero = Const() {dtype=float, value=float[]{0}}
            xmax = Const() {dtype=float, value=float[]{1.5}}
            ymax = Const() {dtype=float, value=float[]{6}}
            q = QuantizeV2(x, zero, xmax) {T=quint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
            w = Const() {dtype=qint8, shape=(3,3,4,5)}
            most = Const() {dtype=float, value=float[5]{0.5, 0.25, 1, 0.75, 0.125}}
            least = Neg(most) {T=float}
            b = Const() {dtype=qint32, shape=(5)}
            c = QuantizedConv2DWithBiasAndReluAndRequantize(q, w, b, zero, xmax, least, most, zero, ymax) {Tinput=quint8, Tfilter=qint8, Tbias=qint32, out_type=quint8, strides=[1,2,2,1], padding="SAME"}
            y = Dequantize(c, zero, ymax) {T=quint8, mode="SCALED"}
            """,
            "QUANTIZE 1, CONV_2D 3, DEQUANTIZE 2",
            0
        },
        {
            Image + """
            zero = Const() {dtype=float, value=float[]{0}}
            xmax = Const() {dtype=float, value=float[]{1.5}}
            q = QuantizeV2(x, zero, xmax) {T=quint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
            w = Const() {dtype=qint8, shape=(3,3,4,5)}
            b = Const() {dtype=float, shape=(5)}
            most = Const() {dtype=float, value=float[]{127}}
            least = Const() {dtype=float, value=float[]{-127}}
            full = Const() {dtype=float, value=float[]{255}}
            s = QuantizedConv2DWithBias(q, w, b, zero, full, least, most) {Tinput=quint8, Tfilter=qint8, Tbias=float, out_type=qint32, strides=[1,2,2,1], padding="SAME"}
            i = Bitcast(s) {T=qint32, type=int32}
            f = Cast(i) {SrcT=int32, DstT=float}
            u = Const() {dtype=float, value=float[5]{0.0001, 0.0002, 0.0001, 0.0003, 0.0002}}
            r = Mul(f, u) {T=float}
            g = Sigmoid(r) {T=float}
            y = Mul(r, g) {T=float}
            """,
            "QUANTIZE 1, DEQUANTIZE 2, DEQUANTIZE 5, CONV_2D 1, LOGISTIC 1, MUL 1",
            0.02
        },
        {
            """
            x = Placeholder() {dtype=float, shape=(2,8)}
            w = Const() {dtype=qint8, shape=(8,200)}
            most = Const() {dtype=float, value=float[]{0.5}}
            least = Const() {dtype=float, value=float[]{-0.5}}
            d = Dequantize(w, least, most) {T=qint8, mode="SCALED"}
            y = MatMul(x, d) {T=float}
            """,
            "FULLY_CONNECTED 9",
            0.01
        },
        {
            Image + """
            xmin = Const() {dtype=float, value=float[]{-1.5}}
            xmax = Const() {dtype=float, value=float[]{1.5}}
            ymin = Const() {dtype=float, value=float[]{-20}}
            ymax = Const() {dtype=float, value=float[]{20}}
            q = QuantizeV2(x, xmin, xmax) {T=qint16, mode="SCALED", round_mode="HALF_TO_EVEN", narrow_range=true}
            d = Dequantize(q, xmin, xmax) {T=qint16, mode="SCALED"}
            w = Const() {dtype=qint8, shape=(3,3,4,5)}
            most = Const() {dtype=float, value=float[5]{0.5, 0.25, 1, 0.75, 0.125}}
            least = Neg(most) {T=float}
            r = Dequantize(w, least, most) {T=qint8, mode="SCALED", axis=3}
            b = Const() {dtype=float, shape=(5)}
            c = Conv2D(d, r) {T=float, strides=[1,2,2,1], padding="SAME"}
            a = BiasAdd(c, b) {T=float}
            n = Relu(a) {T=float}
            z = QuantizeV2(n, ymin, ymax) {T=qint16, mode="SCALED", round_mode="HALF_TO_EVEN", narrow_range=true}
            y = Dequantize(z, ymin, ymax) {T=qint16, mode="SCALED"}
            """,
            "QUANTIZE 2, CONV_2D 4, DEQUANTIZE 3",
            0.001
        },
    };

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Written_graphs_compute_the_same(string text, string operators, double tolerance)
    {
        Graph graph = WithContents(GraphText.Parse(text));
        byte[] bytes = TfLiteFormat.Encode(new ModelContent(graph), new ModelWriteOptions { Inputs = ["x"], Outputs = ["y"] }, CancellationToken.None);
        TfLiteSubgraph main = ModelDecoder.Decode(bytes, CancellationToken.None).Subgraphs[0];
        Assert.Equal(operators, string.Join(", ", main.Operators.Select(op => $"{op.Name} {op.Version}")));
        var feeds = new Dictionary<string, Tensor> { ["x"] = Random(DataType.Float, TensorShape.Of([.. ((ShapeValue)graph.Find("x")!.Attributes["shape"]).Value.Dimensions.Select(size => Math.Max(size, 1))]), 7) };
        float[] want = Run(graph, feeds);
        float[] got = Run(ModelRun.Read(bytes).Graph, feeds);
        Assert.Equal(want.Length, got.Length);
        double largest = want.Max(Math.Abs);
        Assert.All(want.Zip(got), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, tolerance * largest));
    }

    [Theory]
    [InlineData("y = Lgamma(x) {T=float}", "node 'y' (Lgamma)")]
    [InlineData("y = Conv2D(x, x) {T=float, strides=[1,1,1,1], padding=\"SAME\"}", "its weights (input 1) must be constant")]
    [InlineData("z = Softmax(x) {T=float}", "output 'y' does not exist")]
    [InlineData("y = DepthToSpace(x) {T=float, block_size=4611686018427387904, data_format=\"NHWC\"}", "node 'y' (DepthToSpace)")]
    [InlineData("y = MaxPool(x) {T=float, ksize=[1,2,2,1], strides=[1,0,0,1], padding=\"SAME\"}", "node 'y' (MaxPool)")]
    [InlineData("y = MaxPool(x) {T=float, ksize=[1,2,2,1], strides=[1,4294967297,1,1], padding=\"SAME\"}", "strides must be positive 32-bit numbers, one is 4294967297")]
    [InlineData("y = MaxPool(x) {T=float, ksize=[1,0,2,1], strides=[1,1,1,1], padding=\"SAME\"}", "ksize must be positive 32-bit numbers, one is 0")]
    [InlineData("y = MaxPool(x) {T=float, ksize=[1,2,2,1], strides=[1,-1,1,1], padding=\"SAME\"}", "strides must be positive")]
    [InlineData("y = PartitionedCall(x) {f=@f, Tin=[float], Tout=[float]}\nfunction f {\n  input a {type=float}\n  output o {type=float}\n  c = PartitionedCall(a) {f=@f, Tin=[float], Tout=[float]}\n  return o = c:output:0\n}", "deep")]
    public void What_has_no_operator_is_refused_by_name(string line, string message)
    {
        Graph graph = GraphText.Parse(Image + line);
        var error = Assert.Throws<ModelFormatException>(() => TfLiteFormat.Encode(new ModelContent(graph), new ModelWriteOptions { Inputs = ["x"], Outputs = ["y"] }, CancellationToken.None));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("int8", TensorType.Int8)]
    [InlineData("uint8", TensorType.UInt8)]
    [InlineData("float", TensorType.Float32)]
    public void Ends_have_the_type_that_is_asked_for(string ends, object type)
    {
        Graph graph = WithContents(GraphText.Parse(Image + """
            zero = Const() {dtype=float, value=float[]{0}}
            xmax = Const() {dtype=float, value=float[]{1.5}}
            q = QuantizeV2(x, zero, xmax) {T=quint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
            d = Dequantize(q, zero, xmax) {T=quint8, mode="SCALED"}
            y = Softmax(d) {T=float}
            """));
        var options = new ModelWriteOptions { Inputs = ["x"], Outputs = ["y"], Settings = ImmutableDictionary<string, string>.Empty.Add("ends", ends) };
        TfLiteSubgraph main = ModelDecoder.Decode(TfLiteFormat.Encode(new ModelContent(graph), options, CancellationToken.None), CancellationToken.None).Subgraphs[0];
        Assert.Equal((TensorType)type, main.Tensors[main.Inputs[0]].Type);
        Assert.Equal((TensorType)type, main.Tensors[main.Outputs[0]].Type);
        Assert.Equal(["x"], main.Inputs.Select(input => main.Tensors[input].Name));
        Assert.Equal(ends == "float", main.Operators.Any(op => op.Outputs.Any(output => main.Tensors[output].Type == TensorType.Float32)));
    }

    [Fact]
    public void An_input_that_is_rescaled_before_it_is_quantized_has_the_range_before_that()
    {
        Graph graph = WithContents(GraphText.Parse(Image + """
            m = Const() {dtype=float, value=float[]{0.25}}
            a = Const() {dtype=float, value=float[]{-1}}
            s = Mul(x, m) {T=float}
            t = AddV2(s, a) {T=float}
            xmin = Const() {dtype=float, value=float[]{-1.27}}
            xmax = Const() {dtype=float, value=float[]{1.27}}
            q = QuantizeV2(t, xmin, xmax) {T=qint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
            d = Dequantize(q, xmin, xmax) {T=qint8, mode="SCALED"}
            y = Softmax(d) {T=float}
            """));
        var options = new ModelWriteOptions { Inputs = ["x"], Outputs = ["y"], Settings = ImmutableDictionary<string, string>.Empty.Add("ends", "int8") };
        TfLiteSubgraph main = ModelDecoder.Decode(TfLiteFormat.Encode(new ModelContent(graph), options, CancellationToken.None), CancellationToken.None).Subgraphs[0];
        TfLiteTensor input = main.Tensors[main.Inputs[0]];
        Assert.Equal(TensorType.Int8, input.Type);
        Assert.Equal(0.04, input.Quantization!.Scale, 1e-6);
        Assert.Equal(-100, input.Quantization.ZeroPoint);
    }

    private static float[] Run(Graph graph, Dictionary<string, Tensor> feeds) =>
        new CpuBackend().Compile(graph, ["y"], new CompileOptions { Threads = 1, UseReferenceKernels = true }).Run(feeds)[0].ToSingles();

    private static Graph WithContents(Graph graph) => graph.Select(node =>
        node.Op == "Const" && node.Attributes.TryGetValue("shape", out var shape) ? Node.Constant(node.Name, Random(node.TypeAttribute("dtype")!.Value, ((ShapeValue)shape).Value, node.Name.Length + node.Name[0])) : node);

    private static Tensor Random(DataType type, TensorShape shape, int seed)
    {
        var random = new Random(seed);
        int count = (int)shape.ElementCount;
        return type switch
        {
            DataType.QInt8 => Tensor.Create<sbyte>(type, shape, [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-127, 128))]),
            DataType.QInt32 => Tensor.Create<int>(type, shape, [.. Enumerable.Range(0, count).Select(_ => random.Next(-2000, 2000))]),
            _ => Tensor.Create<float>(type, shape, [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 0.5f)]),
        };
    }
}
