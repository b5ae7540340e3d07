using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

public sealed class DowngradeTests
{
    private const string Matrices = """
        x = Placeholder() {dtype=float, shape=(2,3)}
        y = Placeholder() {dtype=float, shape=(3,4)}
        """;

    [Fact]
    public void Rewrites_in_place_under_the_names_that_others_read()
    {
        Graph graph = Downgraded("tf1.4", """
            versions {producer=1395}
            x = Placeholder() {dtype=float, shape=(2)}
            s = AddV2(x, x) {T=float}
            y = LeakyRelu(s) {T=float, alpha=0.5}
            """);
        Assert.Equal(
            """
            versions {producer=24}
            x = Placeholder() {dtype=float, shape=(2)}
            s = Add(x, x) {T=float}
            y/Const = Const() {dtype=float, value=float[]{0.5}}
            y/Mul = Mul(y/Const, s) {T=float}
            y = Maximum(s, y/Mul) {T=float}
            """,
            GraphText.Print(graph).Trim());
    }

    [Theory]
    [InlineData("tf1.15")]
    [InlineData("tf2.3")]
    public void Leaves_what_the_target_has(string target)
    {
        Graph graph = Downgraded(target, "x = Placeholder() {dtype=float, shape=(2)}\ny = AddV2(x, x) {T=float}");
        Assert.Equal("AddV2", graph.Find("y")!.Op);
    }

    [Theory]
    [InlineData("y = Einsum(x, w) {N=2, T=float, equation=\"ab,bc->ac\"}", "(2,3)", "(3,4)")]
    [InlineData("y = Einsum(x, w) {N=2, T=float, equation=\"abc,cde->abde\"}", "(2,3,4)", "(4,5,2)")]
    [InlineData("y = Einsum(x, w) {N=2, T=float, equation=\"abc,acd->adb\"}", "(2,3,4)", "(2,4,5)")]
    [InlineData("y = Einsum(x, w) {N=2, T=float, equation=\"...ab,bc->...ac\"}", "(2,3,4)", "(4,5)")]
    [InlineData("y = Einsum(x, w) {N=2, T=float, equation=\"abc,bd->ad\"}", "(2,3,4)", "(3,5)")]
    [InlineData("y = Einsum(x, w) {N=2, T=float, equation=\"a,b->ab\"}", "(3)", "(4)")]
    [InlineData("y = BatchMatMulV2(x, w) {T=float, adj_x=false, adj_y=true}", "(2,3,4)", "(2,5,4)")]
    [InlineData("y = BatchMatMulV2(x, w) {T=float, adj_x=true, adj_y=false}", "(1,4,3)", "(2,4,5)")]
    [InlineData("y = BatchMatMulV2(x, w) {T=float, adj_x=false, adj_y=true}", "(2,3,4)", "(5,4)")]
    [InlineData("y = SelectV2(c, x, w) {T=float}\nz = Const() {dtype=float, value=float values{0}}\nc = Greater(x, z) {T=float}", "(2,1)", "(3)")]
    [InlineData("y = DivNoNan(x, w) {T=float}", "(2,3)", "(3)")]
    [InlineData("y = Xdivy(x, w) {T=float}", "(3)", "(2,3)")]
    [InlineData("k = Const() {dtype=int32, value=int32 values{-1}}\np = Const() {dtype=float, value=float values{0}}\nd = MatrixDiagPartV3(x, k, p) {T=float, align=\"RIGHT_LEFT\"}\ns = Sum(w, k) {T=float, Tidx=int32, keep_dims=false}\ny = Mul(d, s) {T=float}", "(3,4)", "(2,3)")]
    [InlineData("k = Const() {dtype=int32, value=int32 values{0}}\ny = MatrixSetDiagV3(x, w, k) {T=float, align=\"RIGHT_LEFT\"}", "(2,3,4)", "(2,3)")]
    [InlineData("y = Conv2D(x, w) {T=float, padding=\"EXPLICIT\", explicit_paddings=[0,0,1,2,0,3,0,0], strides=[1,1,1,1], dilations=[1,2,2,1]}", "(1,7,8,2)", "(3,3,2,1)")]
    [InlineData("y = GatherV2(x, i, a) {Tparams=float, Tindices=int32, Taxis=int32, batch_dims=1}\ni = Const() {dtype=int32, value=int32[2,3]{0, 2, 1, 1, 0, 2}}\na = Const() {dtype=int32, value=int32 values{1}}", "(2,3,2)", "(1)")]
    [InlineData("y = GatherV2(x, i, a) {Tparams=float, Tindices=int32, Taxis=int32, batch_dims=1}\ni = Const() {dtype=int32, value=int32[2,3]{0, 2, 1, 1, 0, 2}}\na = Const() {dtype=int32, value=int32 values{-1}}", "(2,4,3)", "(1)")]
    [InlineData("y = GatherV2(x, i, a) {Tparams=float, Tindices=int32, Taxis=int32, batch_dims=1}\ni = Const() {dtype=int32, value=int32[2,2,2]{0, 2, 1, 1, 0, 2, 1, 0}}\na = Const() {dtype=int32, value=int32 values{2}}", "(2,4,3,2)", "(1)")]
    [InlineData("k = Const() {dtype=int32, value=int32[2]{-1, 2}}\np = Const() {dtype=float, value=float values{7}}\ny = MatrixDiagPartV3(x, k, p) {T=float, align=\"RIGHT_LEFT\"}", "(2,3,5)", "(1)")]
    [InlineData("k = Const() {dtype=int32, value=int32[2]{1, 2}}\np = Const() {dtype=float, value=float values{7}}\ny = MatrixDiagPartV3(x, k, p) {T=float, align=\"LEFT_RIGHT\"}", "(4,3)", "(1)")]
    [InlineData("k = Const() {dtype=int32, value=int32[2]{-1, 1}}\np = Const() {dtype=float, value=float values{0}}\nm = Const() {dtype=int32, value=int32 values{-1}}\ny = MatrixDiagV3(x, k, m, m, p) {T=float, align=\"RIGHT_LEFT\"}", "(2,3,4)", "(1)")]
    [InlineData("k = Const() {dtype=int32, value=int32 values{1}}\np = Const() {dtype=float, value=float values{3}}\nr = Const() {dtype=int32, value=int32 values{4}}\nm = Const() {dtype=int32, value=int32 values{-1}}\ny = MatrixDiagV3(x, k, r, m, p) {T=float, align=\"RIGHT_LEFT\"}", "(2,3)", "(1)")]
    [InlineData("k = Const() {dtype=int32, value=int32[2]{-2, -1}}\np = Const() {dtype=float, value=float values{0}}\nm = Const() {dtype=int32, value=int32 values{-1}}\ny = MatrixDiagV2(x, k, m, m, p) {T=float}", "(2,3)", "(1)")]
    [InlineData("k = Const() {dtype=int32, value=int32 values{-1}}\ny = MatrixSetDiagV3(x, w, k) {T=float, align=\"RIGHT_LEFT\"}", "(2,3,4)", "(2,2)")]
    [InlineData("k = Const() {dtype=int32, value=int32[2]{0, 1}}\ny = MatrixSetDiagV3(x, w, k) {T=float, align=\"LEFT_RIGHT\"}", "(3,3)", "(2,3)")]
    [InlineData("k = Const() {dtype=int32, value=int32[2]{-1, 0}}\ny = MatrixSetDiagV2(x, w, k) {T=float}", "(2,3,3)", "(2,2,3)")]
    [InlineData("y = BroadcastTo(x, s) {T=float, Tidx=int32}\ns = Const() {dtype=int32, value=int32[3]{2, 3, 4}}", "(3,1)", "(1)")]
    [InlineData("y = Roll(x, s, a) {T=float, Tshift=int32, Taxis=int32}\ns = Const() {dtype=int32, value=int32[2]{-1, 5}}\na = Const() {dtype=int32, value=int32[2]{0, -1}}", "(3,4)", "(1)")]
    public void The_rewritten_graph_computes_the_same(string nodes, string left, string right) =>
        CheckSame($"x = Placeholder() {{dtype=float, shape={left}}}\nw = Placeholder() {{dtype=float, shape={right}}}\n{nodes}");

    [Theory]
    [InlineData("(1,4)", "", "3 2")]
    [InlineData("(1,4)", ", is_max_k=false", "-2 -1")]
    [InlineData("(4,1)", ", reduction_dimension=0", "3 2")]
    public void The_k_best_are_found_exactly(string shape, string attributes, string expected)
    {
        Graph graph = Downgraded("tf1.15", $"x = Placeholder() {{dtype=float, shape={shape}}}\ny = ApproxTopK(x) {{T=float, k=2{attributes}}}");
        Assert.Empty(ReleaseVerifier.Verify(graph, TensorFlowRelease.Find("1.15")!));
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["x"] = Tensor.Create<float>(DataType.Float, graph.Find("x")!.Shape("shape"), [3, -1, 2, -2]) };
        Assert.Equal(expected, string.Join(' ', Run(graph, feeds).AsSpan<float>().ToArray()));
    }

    [Fact]
    public void A_list_that_a_loop_writes_becomes_a_tensor_array() => CheckSame("""
        x = Placeholder() {dtype=float, shape=(3)}
        w = Placeholder() {dtype=float, shape=(1)}
        n = Const() {dtype=int32, value=int32 values{4}}
        zero = Const() {dtype=int32, value=int32 values{0}}
        shape = Const() {dtype=int32, value=int32[1]{3}}
        list = TensorListReserve(shape, n) {element_dtype=float, shape_type=int32}
        loop = StatelessWhile(zero, n, list, x) {T=[int32, int32, variant, float], cond=@more, body=@next}
        y = TensorListStack(loop:2, shape) {element_dtype=float, num_elements=-1}
        function more {
          input i {type=int32}
          input n {type=int32}
          input l {type=variant}
          input v {type=float}
          output z {type=bool}
          less = Less(i, n) {T=int32}
          return z = less:z:0
        }
        function next {
          input i {type=int32}
          input n {type=int32}
          input l {type=variant}
          input v {type=float}
          output i2 {type=int32}
          output n2 {type=int32}
          output l2 {type=variant}
          output v2 {type=float}
          one = Const() {dtype=int32, value=int32 values{1}}
          sum = AddV2(i, one) {T=int32}
          double = AddV2(v, v) {T=float}
          written = TensorListSetItem(l, i, double) {element_dtype=float}
          return i2 = sum:z:0
          return n2 = n
          return l2 = written:output_handle:0
          return v2 = double:z:0
        }
        """);

    [Theory]
    [InlineData("tf1.4", "y = StringLower(s)\ns = AsString(x) {T=float}", "StringLower")]
    [InlineData("tf2.12", "y = NoSuchOp(x)", "NoSuchOp")]
    [InlineData("tf1.4", "i = Const() {dtype=int32, value=int32[2]{1,1}}\ne = ExpandDims(i, a) {T=int32, Tdim=int32}\na = Const() {dtype=int32, value=int32 values{1}}\nu = Gather(x, i) {Tparams=float, Tindices=int32}\ny = TensorScatterUpdate(x, e, u) {T=float, Tindices=int32}", "an index occurs twice")]
    public void Refuses_by_name_what_has_no_equivalent(string target, string nodes, string part)
    {
        var error = Assert.Throws<TransformException>(() => Downgraded(target, $"{Matrices.Split('\n')[0]}\n{nodes}"));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_release_that_there_is_not() =>
        Assert.Contains("there is no release 'tf9'", Assert.Throws<TransformException>(() => Downgraded("tf9", Matrices)).Message, StringComparison.Ordinal);

    private static void CheckSame(string text)
    {
        Graph before = GraphText.Parse(text);
        Graph after = Downgraded("tf1.4", text);
        Assert.Empty(ReleaseVerifier.Verify(after, TensorFlowRelease.Find("1.4")!));
        var feeds = before.Nodes.Where(node => node.Op == "Placeholder").ToDictionary(node => node.Name, Feed, StringComparer.Ordinal);
        Tensor expected = Run(before, feeds);
        Tensor actual = Run(after, feeds);
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.All(expected.AsSpan<float>().ToArray().Zip(actual.AsSpan<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    private static Tensor Run(Graph graph, Dictionary<string, Tensor> feeds) =>
        new CpuBackend().Compile(graph, ["y"], CompileOptions.Default).Run(feeds.Where(feed => graph.Find(feed.Key) is not null).ToDictionary(StringComparer.Ordinal))[0];

    private static Tensor Feed(Node input)
    {
        TensorShape shape = input.Shape("shape");
        float[] values = [.. Enumerable.Range(0, (int)shape.ElementCount).Select(i => ((i * 29) % 17 / 8f) - 1)];
        return Tensor.Create<float>(DataType.Float, shape, values);
    }

    private static Graph Downgraded(string target, string graph) =>
        new Structure.Downgrade.Downgrade().Apply(GraphText.Parse(graph), new Structure.Downgrade.Downgrade.Options { Target = target }, new BackendContext { OutputNames = ["y"] });

    private sealed class BackendContext : TransformContext
    {
        public override IBackend? Backend { get; } = new CpuBackend();
    }
}
