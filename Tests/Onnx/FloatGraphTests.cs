using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Text;
using TransformFramework.ModelFiles;

namespace TransformFramework.Onnx;

/// <summary>Float graphs, exported and run in ONNX Runtime, against our own kernels. Const nodes with a shape instead of a value get random contents.</summary>
public sealed class FloatGraphTests
{
    /// <summary>Part of the largest element by which any may differ: sums are taken in another order, and functions are approximated.</summary>
    private const double Tolerance = 1e-5;

    private const string Image = "x = Placeholder() {dtype=float, shape=(2,9,7,6)}\n";

    public static TheoryData<string> Graphs =>
    [
        Image + """
            w = Const() {dtype=float, shape=(3,3,6,6)}
            b = Const() {dtype=float, shape=(6)}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            i = Identity(c) {T=float}
            a = BiasAdd(i, b) {T=float}
            r = Relu(c) {T=float}
            y = Mul(a, r) {T=float}
            """,
        Image + """
            w = Const() {dtype=float, shape=(3,3,6,5)}
            b = Const() {dtype=float, shape=(5)}
            i = Identity(w) {T=float}
            c = Conv2D(x, i) {T=float, strides=[1,2,2,1], padding="SAME"}
            a = BiasAdd(c, b) {T=float}
            y = Relu6(a) {T=float}
            """,
        Image + """
            w = Const() {dtype=float, shape=(3,2,6,5)}
            y = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="EXPLICIT", explicit_paddings=[0,0,1,2,0,1,0,0], dilations=[1,2,1,1]}
            """,
        Image + """
            w = Const() {dtype=float, shape=(3,3,6,2)}
            c = DepthwiseConv2dNative(x, w) {T=float, strides=[1,1,1,1], padding="VALID"}
            y = Elu(c) {T=float}
            """,
        Image + """
            p = Const() {dtype=int32, value=int32[4,2]{0, 0, 1, 2, 2, 1, 0, 0}}
            g = Const() {dtype=float, shape=(6)}
            m = Const() {dtype=float, shape=(6)}
            v = Const() {dtype=float, value=float[6]{0.5, 1, 2, 0.25, 3, 4}}
            q = Pad(x, p) {T=float}
            n = FusedBatchNormV3(q, g, m, g, v) {T=float, U=float, is_training=false, epsilon=0.001}
            s = Square(n) {T=float}
            y = MaxPool(s) {T=float, ksize=[1,2,3,1], strides=[1,2,1,1], padding="VALID"}
            """,
        Image + """
            m = MaxPool(x) {T=float, ksize=[1,3,3,1], strides=[1,2,2,1], padding="SAME"}
            a = AvgPool(x) {T=float, ksize=[1,3,3,1], strides=[1,2,2,1], padding="SAME"}
            axis = Const() {dtype=int32, value=int32 values{3}}
            y = ConcatV2(m, a, axis) {T=float, N=2}
            """,
        Image + """
            axes = Const() {dtype=int32, value=int32[2]{1, 2}}
            a = AvgPool(x) {T=float, ksize=[1,2,2,1], strides=[1,1,1,1], padding="SAME"}
            m = Mean(a, axes) {T=float, keep_dims=true}
            s = Squeeze(m) {T=float, squeeze_dims=[1,2]}
            w = Const() {dtype=float, shape=(10,6)}
            p = MatMul(s, w) {T=float, transpose_b=true}
            y = Softmax(p) {T=float}
            """,
        Image + """
            w = Const() {dtype=float, shape=(1,1,6,6)}
            scale = Const() {dtype=float, shape=(1,1,1,6)}
            half = Const() {dtype=float, value=float[]{0.5}}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            sum = AddV2(x, c) {T=float}
            m = Mul(scale, sum) {T=float}
            l = LeakyRelu(m) {T=float, alpha=0.1}
            d = Sub(half, l) {T=float}
            t = Tanh(d) {T=float}
            y = Maximum(t, half) {T=float}
            """,
        Image + """
            size = Const() {dtype=int32, value=int32[2]{18, 5}}
            y = ResizeBilinear(x, size) {T=float, align_corners=true}
            """,
        Image + """
            size = Const() {dtype=int32, value=int32[2]{18, 5}}
            r = ResizeNearestNeighbor(x, size) {T=float}
            y = ResizeBilinear(r, size) {T=float, half_pixel_centers=true}
            """,
        Image + """
            shape = Const() {dtype=int32, value=int32[2]{-1, 63}}
            order = Const() {dtype=int32, value=int32[4]{3, 0, 2, 1}}
            w = Const() {dtype=float, shape=(1,1,6,6)}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            t = Transpose(c, order) {T=float}
            y = Reshape(t, shape) {T=float}
            """,
        Image + """
            begin = Const() {dtype=int32, value=int32[4]{0, 1, 4, 5}}
            end = Const() {dtype=int32, value=int32[4]{0, 0, 1, 6}}
            step = Const() {dtype=int32, value=int32[4]{1, 2, -1, 1}}
            s = StridedSlice(x, begin, end, step) {T=float, Index=int32, begin_mask=1, end_mask=3, shrink_axis_mask=8}
            d = Const() {dtype=int32, value=int32[]{1}}
            y = ExpandDims(s, d) {T=float}
            """,
        Image + """
            axis = Const() {dtype=int32, value=int32[]{3}}
            s = Split(axis, x) {T=float, num_split=2}
            r = Rsqrt(e) {T=float}
            e = Exp(s:1) {T=float}
            p = Pack(r, s) {T=float, N=2, axis=0}
            axes = Const() {dtype=int32, value=int32[1]{0}}
            y = Max(p, axes) {T=float}
            """,
    ];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void An_exported_graph_computes_the_same_in_ONNX_Runtime(string text)
    {
        var random = new Random(5);
        Graph graph = GraphText.Parse(text).Select(node => node.Op == "Const" && node.TensorAttribute("value") is null ? node.With("value", Numbers(node, random)) : node);
        var feeds = new Dictionary<string, Tensor> { ["x"] = Numbers(graph.Find("x")!, random) };
        Tensor expected = new CpuBackend().Compile(graph, ["y"], new() { UseReferenceKernels = true }).Run(feeds)[0];
        Tensor actual = OnnxRun.Run(graph, feeds, "y")["y"];
        Assert.Equal(expected.Shape, actual.Shape);
        AssertClose(expected, actual);
    }

    [Fact]
    public void Outputs_inside_the_graph_and_inputs_as_outputs_keep_their_names()
    {
        Graph graph = GraphText.Parse("""
            x = Placeholder() {dtype=float, shape=(?,3,3,2)}
            w = Const() {dtype=float, value=float[1,1,2,2]{1, 2, 3, 4}}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            r = Relu(c) {T=float}
            y = Identity(r) {T=float}
            """);
        var feeds = new Dictionary<string, Tensor> { ["x"] = Numbers(TensorShape.Of(4, 3, 3, 2), new Random(1)) };
        var results = OnnxRun.Run(graph, feeds, "c", "r", "y");
        var expected = new CpuBackend().Compile(graph, ["c", "r", "y"], CompileOptions.Default).Run(feeds);
        AssertClose(expected[0], results["c"]);
        AssertClose(expected[1], results["r"]);
        AssertClose(expected[2], results["y"]);
    }

    [Theory]
    [InlineData("y = Digamma(x) {T=float}", "node 'y' (Digamma)")]
    [InlineData("y = MaxPool(x) {T=float, ksize=[1,2,2,2], strides=[1,2,2,1], padding=\"SAME\"}", "batch or channels")]
    [InlineData("y = Mean(x, x) {T=float}", "input 1 must be a constant")]
    [InlineData("y = DepthToSpace(x) {T=float, block_size=4611686018427387904, data_format=\"NHWC\"}", "node 'y' (DepthToSpace)")]
    [InlineData("y = MaxPool(x) {T=float, ksize=[1,2,2,1], strides=[1,0,0,1], padding=\"SAME\"}", "node 'y' (MaxPool)")]
    [InlineData("y = MaxPool(x) {T=float, ksize=[1,2,2,1], strides=[1,4294967297,1,1], padding=\"SAME\"}", "four or five positive 32-bit numbers, these are [1, 4294967297, 1, 1]")]
    [InlineData("y = MaxPool(x) {T=float, ksize=[1,9,9,1], strides=[1,1,1,1], padding=\"VALID\"}", "a window of 9 with dilation 1 over an image of 4")]
    [InlineData("w = Const() {dtype=float, value=float[1,1,2,2]{1, 2, 3, 4}}\ny = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding=\"EXPLICIT\", explicit_paddings=[0,0,-1,0,0,0,0,0]}", "explicit_paddings are 8 32-bit numbers from 0 on")]
    [InlineData("y = Split(axis, x) {T=float, num_split=2147483647}\naxis = Const() {dtype=int32, value=int32[]{1}}", "node 'y' (Split)")]
    [InlineData("y = PartitionedCall(x) {f=@f, Tin=[float], Tout=[float]}\nfunction f {\n  input a {type=float}\n  output o {type=float}\n  c = PartitionedCall(a) {f=@f, Tin=[float], Tout=[float]}\n  return o = c:output:0\n}", "deep")]
    public void What_ONNX_lacks_is_refused_by_name(string node, string message)
    {
        Graph graph = GraphText.Parse("x = Placeholder() {dtype=float, shape=(1,4,4,2)}\n" + node);
        var error = Assert.Throws<ModelFormatException>(() => new OnnxFormat().Write(graph, ["x"], ["y"], Stream.Null, CancellationToken.None));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    internal static void AssertClose(Tensor expected, Tensor actual)
    {
        float[] wanted = expected.AsSpan<float>().ToArray();
        float[] found = actual.AsSpan<float>().ToArray();
        double largest = wanted.Max(MathF.Abs);
        for (int i = 0; i < wanted.Length; i++)
            Assert.True(Math.Abs(wanted[i] - found[i]) <= Tolerance * largest, $"element {i} is {found[i]} for {wanted[i]}");
    }

    internal static Tensor Numbers(TensorShape shape, Random random)
    {
        Tensor tensor = Tensor.Allocate<float>(DataType.Float, shape, out var values);
        for (int i = 0; i < values.Length; i++)
            values[i] = (random.NextSingle() * 2) - 0.75f;
        return tensor;
    }

    private static Tensor Numbers(Node node, Random random) => Numbers(((ShapeValue)node.Attributes["shape"]).Value, random);
}
