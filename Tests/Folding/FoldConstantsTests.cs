using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Transforms;

namespace TransformFramework.Folding.Tests;

public sealed class FoldConstantsTests
{
    private const string X = "x = Placeholder() {dtype=float, shape=(2)}\n";
    private const string Sum = "a = Const() {dtype=float, value=float[2]{1, 2}}\nb = Const() {dtype=float, value=float[2]{3, 4}}\nm = Mul(a, b) {T=float}\ns = Add(m, a) {T=float}\n";

    [Fact]
    public void What_is_the_same_in_every_run_becomes_a_constant() => Default.Check(
        X + Sum + "y = Mul(x, s) {T=float}\nunused = Relu(y) {T=float}\n",
        """
        y = Mul(x:0, s/_0__cf__0) {T=float}
        s/_0__cf__0 = Const() {dtype=float, value=float[2]{4, 10}}
        x = Placeholder() {dtype=float, shape=(2)}
        """);

    private const string Branch =
        """
        x = Placeholder() {dtype=float, shape=(2)}
        training = Const() {dtype=bool, value=bool[]{false}}
        inference = LogicalNot(training)
        s = Switch(x, inference) {T=float}
        two = Const(^s) {dtype=float, value=float[]{2}}
        dropped = Mul(s, two) {T=float}
        kept = Neg(s:1) {T=float}
        m = Merge(dropped, kept) {N=2, T=float}
        y = Relu(m) {T=float}
        """;

    [Fact]
    public void Branches_that_a_constant_predicate_never_takes_are_gone()
    {
        Graph folded = Default.Run(GraphText.Parse(Branch));
        Assert.DoesNotContain(folded.Nodes, node => node.Op is "Switch" or "Merge" or "Mul" or "LogicalNot");
        Assert.Contains(folded.Nodes, node => node.Op == "Neg");
    }

    [Theory]
    [InlineData("training = Placeholder() {dtype=bool, shape=()}", TransformMode.Safe)]
    [InlineData("training = Const() {dtype=bool, value=bool[]{false}}", TransformMode.Verbatim)]
    public void Branches_that_may_be_taken_stay(string training, TransformMode mode)
    {
        Graph folded = new FoldingTest(new FoldConstants(), new FoldConstants.Options()) { Mode = mode }.Run(GraphText.Parse(Branch.Replace("training = Const() {dtype=bool, value=bool[]{false}}", training, StringComparison.Ordinal)));
        Assert.Contains(folded.Nodes, node => node.Op == "Switch");
        Assert.Contains(folded.Nodes, node => node.Op == "Mul");
    }

    /// <remarks>The original evaluates every placeholder that is no input, and fails.</remarks>
    [Fact]
    public void A_placeholder_that_is_no_input_is_no_constant()
    {
        const string Text = X + Sum + "y = Mul(x, s) {T=float}\n";
        Graph folded = new FoldingTest(new FoldConstants(), new FoldConstants.Options()) { Inputs = [] }.Run(GraphText.Parse(Text));
        Assert.Equal(["x", "s/_0__cf__0"], folded.Find("y")!.Inputs.Select(input => input.Node));
        var verbatim = new FoldingTest(new FoldConstants(), new FoldConstants.Options()) { Inputs = [], Mode = TransformMode.Verbatim };
        Assert.StartsWith("You must feed a value for placeholder tensor 'x' with dtype float", verbatim.Fails(Text).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constants_are_numbered_by_name()
    {
        Graph folded = Default.Run(GraphText.Parse(X + Sum + "n = Sqrt(b) {T=float}\ny = AddN(n, m, s, x) {N=4, T=float}\n"));
        Assert.Equal(["y", "m/_0__cf__0", "n/_1__cf__1", "s/_2__cf__2", "x"], folded.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void Readers_get_the_defaults_of_their_op_and_inputs_keep_their_form() => Default.Check(
        "x = Placeholder() {dtype=float, _output_shapes=[(2)]}\ny = Cast(x) {SrcT=float, DstT=int32, _output_shapes=[(2)]}\n",
        "y = Cast(x:0) {SrcT=float, DstT=int32, Truncate=false}\nx = Placeholder() {dtype=float, _output_shapes=[(2)]}\n");

    /// <remarks>Releases up to 2.4 refuse a node with an attribute that they do not know: MaxPool.explicit_paddings is of 2.4, Cast.Truncate of 1.11, Relu6.T as old as its op.</remarks>
    [Theory]
    [InlineData("", "Truncate=false, ")]
    [InlineData("versions {producer=134}\n", "Truncate=false, ")]
    [InlineData("versions {producer=24}\n", "")]
    public void Readers_get_no_default_that_the_writer_of_the_graph_may_not_know(string versions, string truncate) => Default.Check(
        $"{versions}x = Placeholder() {{dtype=float, shape=(...)}}\np = MaxPool(x) {{ksize=[1,2,2,1], padding=\"SAME\", strides=[1,2,2,1]}}\ny = Cast(p) {{SrcT=float, DstT=int32}}\n",
        $"{versions}p = MaxPool(x:0) {{T=float, data_format=\"NHWC\", ksize=[1,2,2,1], padding=\"SAME\", strides=[1,2,2,1]}}\ny = Cast(p) {{SrcT=float, {truncate}DstT=int32}}\nx = Placeholder() {{dtype=float, shape=(...)}}\n");

    [Fact]
    public void An_output_of_constants_stays_but_its_parts_are_folded() => new FoldingTest(new FoldConstants(), new FoldConstants.Options()) { Inputs = [] }.Check(
        Sum + "y = Mul(s, s) {T=float}\n",
        Sum + "y = Mul(s, s) {T=float}\n");

    [Theory]
    [InlineData("Shape", "{T=float, out_type=int32}", -2, -3)]
    [InlineData("Shape", "{T=float, out_type=int64}", -2, -3)]
    [InlineData("Rank", "{T=float}", -2)]
    [InlineData("Size", "{T=float, out_type=int32}", -6)]
    public void What_known_shapes_tell_is_folded_and_anchored(string op, string attributes, params int[] values)
    {
        string type = attributes.Contains("int64", StringComparison.Ordinal) ? "int64" : "int32";
        Graph folded = Default.Run(GraphText.Parse($"x = Placeholder() {{dtype=float, shape=(2,3)}}\nr = Relu(x) {{T=float}}\ns = {op}(r) {attributes}\nn = Neg(s) {{T={type}}}\nf = Cast(n) {{SrcT={type}, DstT=float}}\ny = Tuple(f, x)\n"));
        Node constant = Assert.Single(folded.Nodes, node => node.Op == "Const");
        Assert.Equal("f/_0__cf__1", constant.Name);
        Assert.Equal("^r", Assert.Single(constant.Inputs).Text);
        Assert.Equal(values.Select(value => (float)value), constant.TensorAttribute("value")!.AsSpan<float>().ToArray());
    }

    [Fact]
    public void Unknown_shapes_are_left_to_the_run()
    {
        Graph folded = Default.Run(GraphText.Parse("x = Placeholder() {dtype=float, shape=(?,3)}\ns = Shape(x) {T=float, out_type=int32}\ny = Reshape(x, s) {T=float, Tshape=int32}\n"));
        Assert.Equal(["s", "y", "x"], folded.Nodes.Select(node => node.Name));
    }

    [Theory]
    [InlineData("RandomUniform(v) {T=int32, dtype=float, seed=1, seed2=2}")]
    [InlineData("CheckNumerics(a) {T=float, message=\"m\"}")]
    [InlineData("PlaceholderWithDefault(a) {dtype=float, shape=(2)}")]
    [InlineData("ZerosLike(x) {T=float}")]
    public void State_defaults_and_what_hangs_on_an_input_are_not_folded(string call)
    {
        Graph folded = Default.Run(GraphText.Parse($"{X}{Sum}v = Const() {{dtype=int32, value=int32[1]{{2}}}}\nc = {call}\ny = Mul(x, c) {{T=float}}\n"));
        Assert.Equal(call.Split('(')[0], folded.Find("c")!.Op);
        Assert.DoesNotContain(folded.Nodes, node => node.Name.Contains("__cf__", StringComparison.Ordinal));
    }

    [Fact]
    public void Excluded_ops_and_nodes_are_not_folded()
    {
        string graph = X + Sum + "y = Mul(x, s) {T=float}\n";
        Assert.All<FoldConstants.Options>([new() { ExcludeOp = ["Mul"] }, new() { ExcludeNode = ["m"] }], options =>
        {
            Graph folded = new FoldingTest(new FoldConstants(), options).Run(GraphText.Parse(graph));
            Assert.Equal(["a", "b", "m", "s", "y", "x"], folded.Nodes.Select(node => node.Name));
        });
    }

    [Fact]
    public void Exclusions_do_not_make_constants_variable()
    {
        string graph = X + Sum + "y = Mul(x, s) {T=float}\n";
        Assert.All<FoldConstants.Options>([new() { ExcludeOp = ["Const"] }, new() { ExcludeNode = ["a", "b"] }], options =>
            Assert.Equal(["y", "s/_0__cf__0", "x"], new FoldingTest(new FoldConstants(), options).Run(GraphText.Parse(graph)).Nodes.Select(node => node.Name)));
    }

    [Fact]
    public void Declared_shapes_count_as_known_and_go_with_the_import()
    {
        var test = new FoldingTest(new FoldConstants(), new FoldConstants.Options { ClearOutputShapes = false }) { Mode = TransformMode.Verbatim };
        test.Check(
            """
            x = Placeholder() {dtype=float}
            r = Relu(x) {T=float, _output_shapes=[(1,?,3)]}
            n = Rank(r) {T=float}
            f = Cast(n) {SrcT=int32, DstT=float}
            y = Mul(x, f) {T=float, _output_shapes=[(1,?,3)]}
            """,
            """
            r = Relu(x:0) {T=float}
            y = Mul(x:0, f/_0__cf__1) {T=float}
            f/_0__cf__1 = Const(^r) {dtype=float, value=float[] values{3}}
            x = Placeholder() {dtype=float}
            """);
        Assert.Equal(StatusKind.InvalidArgument, test.Fails("x = Placeholder() {dtype=float, shape=(2)}\ny = Relu(x) {T=float, _output_shapes=[(3)]}\n").Kind);
        Assert.Equal(StatusKind.InvalidArgument, test.Fails("x = Placeholder() {dtype=float, shape=(2)}\ny = TopKV2(x, k) {T=float, _output_shapes=[(2)]}\nk = Const() {dtype=int32, value=int32{2}}\n").Kind);
    }

    [Theory]
    [InlineData("y = Add(x) {T=float}", "expected inputs 'float, float' do not match 1")]
    [InlineData("y = Relu(x, x) {T=float}", "do not match 2")]
    [InlineData("y = Relu(x) {T=int32}", "passed float from x:0 incompatible with expected int32")]
    [InlineData("y = Relu(x:1) {T=float}", "invalid output 1 of source node x")]
    [InlineData("y = Relu(^x, x) {T=float}", "after control input")]
    [InlineData("y = Relu(x) {T=string}", "attr 'T' of string is not in the list")]
    [InlineData("y = Relu(x) {T=1}", "when 'type' expected")]
    [InlineData("y = Relu(x) {T=float, other=1}", "mentions attr 'other'")]
    [InlineData("y = AddN(x) {T=float, N=0}", "must be at least minimum 1")]
    public void Nodes_that_their_op_does_not_fit_are_not_imported(string node, string message)
    {
        TransformException error = Verbatim.Fails(X + node + "\n");
        Assert.Equal((StatusKind.InvalidArgument, "y"), (error.Kind, error.Node));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_without_attributes_of_later_releases_are_imported() => Verbatim.Check(
        "x = Placeholder() {dtype=quint8, shape=(2)}\nl = Const() {dtype=float, value=float{0}}\ny = Dequantize(x, l, l) {T=quint8, mode=\"MIN_FIRST\"}\n",
        "l = Const() {dtype=float, value=float{0}}\ny = Dequantize(x:0, l, l) {T=quint8, mode=\"MIN_FIRST\"}\nx = Placeholder() {dtype=quint8, shape=(2)}\n");

    [Fact]
    public void Too_few_inputs_are_an_error_in_either_mode() =>
        Assert.Equal(StatusKind.InvalidArgument, Default.Fails(X + "y = Add(x) {T=float}\n").Kind);

    [Theory]
    [InlineData(8, true)]
    [InlineData(7, false)]
    [InlineData(0, false)]
    [InlineData(-1, true)]
    public void Only_results_within_the_limit_are_stored(long limit, bool isStored)
    {
        var test = new FoldingTest(new FoldConstants(), new FoldConstants.Options { MaxConstantSizeInBytes = limit });
        Graph folded = test.Run(GraphText.Parse(X + Sum + "y = Mul(x, s) {T=float}\n"));
        Assert.Equal(isStored, folded.Find("s") is null);
        Assert.Equal(!isStored, test.Explanations.Contains($"s: its value has 8 bytes, more than max_constant_size_in_bytes={limit}"));
    }

    [Fact]
    public void Control_inputs_that_are_not_constant_move_to_the_constant()
    {
        Graph folded = Default.Run(GraphText.Parse(X + "r = Relu(x) {T=float}\n" + Sum.Replace("(m, a)", "(m, a, ^r, ^b)", StringComparison.Ordinal) + "y = Mul(x, s) {T=float}\n"));
        Assert.Equal("^r", Assert.Single(folded.Find("s/_0__cf__0")!.Inputs).Text);
    }

    [Fact]
    public void A_placeholder_with_default_that_is_an_input_keeps_it() => Default.Check(
        "a = Const() {dtype=float, value=float[2]{1, 2}}\nx = PlaceholderWithDefault(a) {dtype=float, shape=(2)}\ny = Relu(x) {T=float}\n",
        "a = Const() {dtype=float, value=float[2]{1, 2}}\ny = Relu(x:0) {T=float}\nx = PlaceholderWithDefault(a) {dtype=float, shape=(2)}\n");

    [Fact]
    public void Lists_of_tensors_are_not_folded() => Assert.DoesNotContain(
        Default.Run(GraphText.Parse(
            X + """
            rows = Const() {dtype=float, value=float[3,2]{1, 2, 3, 4, 5, 6}}
            shape = Const() {dtype=int32, value=int32[1]{2}}
            first = Const() {dtype=int32, value=int32[]{0}}
            l = TensorListFromTensor(rows, shape) {element_dtype=float, shape_type=int32}
            i = Cast(first) {SrcT=int32, DstT=int32}
            v = TensorListGetItem(l, i, shape) {element_dtype=float}
            y = Mul(x, v) {T=float}
            """)).Nodes,
        node => node.Op == "Const" && node.TypeAttribute("dtype") is DataType.String or DataType.Variant);

    [Fact]
    public void Verbatim_stores_a_list_of_tensors_as_a_variant()
    {
        Graph folded = Verbatim.Run(GraphText.Parse("""
            x = Placeholder() {dtype=int32, shape=()}
            shape = Const() {dtype=int32, value=int32[1]{3}}
            two = Const() {dtype=int32, value=int32[]{2}}
            zero = Const() {dtype=int32, value=int32[]{0}}
            v = Const() {dtype=float, value=float[3]{1, 2, 3}}
            l = TensorListReserve(shape, two) {element_dtype=float, shape_type=int32}
            s = TensorListSetItem(l, zero, v) {element_dtype=float}
            y = TensorListGetItem(s, x, shape) {element_dtype=float}
            """));
        Node list = folded.Find("s/_0__cf__0")!;
        Assert.Equal((DataType.Variant, "s/_0__cf__0"), (list.TypeAttribute("dtype"), folded.Find("y")!.Inputs[0].Text));
        const string Metadata = "010101" + "FFFFFFFFFFFFFFFFFF01" + "12020803";
        const string Row = "0801" + "120412020803" + "2A0C0000803F0000004000004040";
        Assert.Equal("7A43" + "0A16" + Convert.ToHexString("tensorflow::TensorList"u8) + "1211" + Metadata + "1A16" + Row, Convert.ToHexString(list.TensorAttribute("value")!.UnknownFields.Bytes.Span));
        Graph read = GraphDefReader.Read(Bytes(folded));
        Assert.Equal(GraphText.Print(folded), GraphText.Print(read));
    }

    private static byte[] Bytes(Graph graph)
    {
        using var stream = new MemoryStream();
        GraphDefWriter.Write(graph, stream);
        return stream.ToArray();
    }

    [Theory]
    [InlineData("x", "", "Must specify at least one target to fetch or execute.", StatusKind.InvalidArgument)]
    [InlineData("x,x", "y", "Endpoint \"x\" fed more than once.", StatusKind.InvalidArgument)]
    [InlineData("x", "x", "x is both fed and fetched.", StatusKind.InvalidArgument)]
    [InlineData("x", "x:0", "You must feed a value for placeholder tensor 'x'", StatusKind.InvalidArgument)]
    [InlineData("z", "y", "FeedInputs: unable to find feed output z", StatusKind.NotFound)]
    [InlineData("x", "z", "FetchOutputs node z: not found", StatusKind.NotFound)]
    [InlineData("x:1", "y", "FeedInputs: x:1 should have output index < 1", StatusKind.InvalidArgument)]
    [InlineData("x", "y:3", "FetchOutputs y:3: output index too large, must be < 1", StatusKind.InvalidArgument)]
    [InlineData("x,s", "y", "Input 's' was expected to be a Placeholder or PlaceholderWithDefault op, but was Add", StatusKind.InvalidArgument)]
    public void Inputs_and_outputs_must_fit_the_graph(string inputs, string outputs, string message, StatusKind kind)
    {
        string[] list(string names) => names.Split(',', StringSplitOptions.RemoveEmptyEntries);
        TransformException error = new FoldingTest(new FoldConstants(), new FoldConstants.Options()) { Inputs = [.. list(inputs)], Outputs = [.. list(outputs)] }.Fails(X + Sum + "q = Mul(x, s) {T=float}\ny = Mul(q, s) {T=float}\n");
        Assert.Equal(kind, error.Kind);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_in_evaluating_names_the_node()
    {
        TransformException error = Default.Fails("x = Placeholder() {dtype=int32, shape=(1)}\na = Const() {dtype=int32, value=int32[1]{1}}\nz = Const() {dtype=int32, value=int32[1]{0}}\nd = FloorDiv(a, z) {T=int32}\ny = Add(x, d) {T=int32}\n");
        Assert.Equal((StatusKind.InvalidArgument, "d"), (error.Kind, error.Node));
        Assert.Contains("Integer division by zero", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_of_an_unknown_op_stays_but_fails_in_verbatim_mode()
    {
        Graph graph = GraphText.Parse(X + Sum + "u = FromElsewhere(s)\ny = Mul(x, u) {T=float}\n");
        Assert.Equal("s/_0__cf__0", Assert.Single(Default.Run(graph).Find("u")!.Inputs).Text);
        TransformException error = Assert.Throws<TransformException>(() => Verbatim.Run(graph));
        Assert.Equal(StatusKind.NotFound, error.Kind);
        Assert.StartsWith("Op type not registered 'FromElsewhere'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_versions_are_kept_unless_verbatim()
    {
        Graph graph = GraphText.Parse("versions {producer=27, min_consumer=12}\n" + X + "y = Relu(x) {T=float}\n");
        Assert.NotNull(graph.Versions);
        Assert.Equal(graph.Versions, Default.Run(graph).Versions);
        Assert.Null(Verbatim.Run(graph).Versions);
    }

    private static FoldingTest Default => new(new FoldConstants(), new FoldConstants.Options());

    private static FoldingTest Verbatim => new(new FoldConstants(), new FoldConstants.Options()) { Mode = TransformMode.Verbatim };
}
