using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Plans;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Execution;

/// <summary>Graphs with loops and branches run by plans between, behind and inside of these, and compute what they compute node by node.</summary>
public sealed class RegionTests
{
    private const double Tolerance = 3e-6;

    /// <summary>A convolution, a loop that doubles its result three times, and a convolution of what the loop leaves.</summary>
    private const string Around = """
        x = Placeholder() {dtype=float, shape=(1,6,6,5)}
        w = Const() {dtype=float, shape=(3,3,5,5)}
        c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
        r = Relu(c) {T=float}
        zero = Const() {dtype=int32, value=int32[]{0}}
        i_in = Enter(zero) {T=int32, frame_name="doubling", is_constant=false}
        v_in = Enter(r) {T=float, frame_name="doubling", is_constant=false}
        i = Merge(i_in, i_next) {N=2, T=int32}
        v = Merge(v_in, v_next) {N=2, T=float}
        three = Const(^i) {dtype=int32, value=int32[]{3}}
        less = Less(i, three) {T=int32}
        more = LoopCond(less)
        i_at = Switch(i, more) {T=int32}
        v_at = Switch(v, more) {T=float}
        one = Const(^i_at:1) {dtype=int32, value=int32[]{1}}
        i_sum = AddV2(i_at:1, one) {T=int32}
        v_sum = AddV2(v_at:1, v_at:1) {T=float}
        i_next = NextIteration(i_sum) {T=int32}
        v_next = NextIteration(v_sum) {T=float}
        looped = Exit(v_at) {T=float}
        d = Conv2D(looped, w) {T=float, strides=[1,2,2,1], padding="SAME"}
        y = Relu6(d) {T=float}
        """;

    /// <summary>A loop whose body multiplies with weights that enter it, and adds a constant of its own.</summary>
    private const string Inside = """
        x = Placeholder() {dtype=float, shape=(2,24)}
        w = Const() {dtype=float, shape=(24,24)}
        read = Identity(w) {T=float}
        zero = Const() {dtype=int32, value=int32[]{0}}
        w_in = Enter(read) {T=float, frame_name="steps", is_constant=true}
        i_in = Enter(zero) {T=int32, frame_name="steps", is_constant=false}
        v_in = Enter(x) {T=float, frame_name="steps", is_constant=false}
        i = Merge(i_in, i_next) {N=2, T=int32}
        v = Merge(v_in, v_next) {N=2, T=float}
        three = Const(^i) {dtype=int32, value=int32[]{3}}
        less = Less(i, three) {T=int32}
        more = LoopCond(less)
        i_at = Switch(i, more) {T=int32}
        v_at = Switch(v, more) {T=float}
        one = Const(^i_at:1) {dtype=int32, value=int32[]{1}}
        b = Const(^i_at:1) {dtype=float, shape=(24)}
        i_sum = AddV2(i_at:1, one) {T=int32}
        m = MatMul(v_at:1, w_in) {T=float}
        a = BiasAdd(m, b) {T=float}
        t = Tanh(a) {T=float}
        i_next = NextIteration(i_sum) {T=int32}
        v_next = NextIteration(t) {T=float}
        y = Exit(v_at) {T=float}
        """;

    /// <summary>A convolution in each of two branches, and one before and one behind them.</summary>
    private const string Branches = """
        x = Placeholder() {dtype=float, shape=(1,5,5,4)}
        p = Placeholder() {dtype=bool, shape=()}
        w = Const() {dtype=float, shape=(3,3,4,4)}
        first = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
        s = Switch(first, p) {T=float}
        off = Conv2D(s, w) {T=float, strides=[1,1,1,1], padding="SAME"}
        on_c = Conv2D(s:1, w) {T=float, strides=[1,1,1,1], padding="SAME"}
        on = Relu(on_c) {T=float}
        merged = Merge(off, on) {N=2, T=float}
        y = Conv2D(merged, w) {T=float, strides=[1,2,2,1], padding="SAME"}
        """;

    /// <summary>Quantized values of a convolution that a branch passes on or not.</summary>
    private const string QuantizedBranches = """
        x = Placeholder() {dtype=quint8, shape=(1,5,5,4)}
        p = Placeholder() {dtype=bool, shape=()}
        w = Const() {dtype=quint8, shape=(3,3,4,4)}
        low = Const() {dtype=float, value=float[]{-1}}
        high = Const() {dtype=float, value=float[]{2}}
        c = QuantizedConv2D(x, w, low, high, low, high) {Tinput=quint8, Tfilter=quint8, out_type=qint32, strides=[1,1,1,1], padding="SAME"}
        range = RequantizationRange(c, c:1, c:2) {Tinput=qint32}
        q = Requantize(c, c:1, c:2, range, range:1) {Tinput=qint32, out_type=quint8}
        s = Switch(q, p) {T=quint8}
        lower = Switch(q:1, p) {T=float}
        upper = Switch(q:2, p) {T=float}
        off = Identity(s) {T=quint8}
        again = QuantizedConv2D(s:1, w, lower:1, upper:1, low, high) {Tinput=quint8, Tfilter=quint8, out_type=qint32, strides=[1,1,1,1], padding="SAME"}
        again_range = RequantizationRange(again, again:1, again:2) {Tinput=qint32}
        on = Requantize(again, again:1, again:2, again_range, again_range:1) {Tinput=qint32, out_type=quint8}
        y = Merge(off, on) {N=2, T=quint8}
        """;

    /// <summary>Two convolutions, and an op between them that no plugin declares.</summary>
    private const string Undeclared = """
        x = Placeholder() {dtype=float, shape=(1,6,6,5)}
        w = Const() {dtype=float, shape=(3,3,5,5)}
        c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
        r = Relu(c) {T=float}
        u = UndeclaredCopy(r, c) {T=float}
        d = Conv2D(u, w) {T=float, strides=[1,2,2,1], padding="SAME"}
        y = Relu6(d) {T=float}
        """;

    public static TheoryData<string, int, string[]> Graphs() => new()
    {
        { Around, 2, ["y"] },
        { Around, 2, ["c", "y", "r", "looped"] },
        { Around, 1, ["c", "looped"] },
        { Inside, 1, ["y"] },
        { Branches, 4, ["y"] },
        { Branches, 3, ["merged", "first"] },
        { QuantizedBranches, 2, ["y", "y:1"] },
    };

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Plans_between_loops_and_branches_compute_what_reference_kernels_compute(string text, int regions, string[] outputs)
    {
        var graph = new PlanCase(text, outputs);
        Assert.Equal(regions, graph.Contracted().Nodes.Count(node => node.Kernel is RegionKernel));
        foreach (bool taken in (bool[])[false, true])
        {
            graph.Feeds["p"] = Predicate(taken);
            var expected = graph.Reference();
            var actual = graph.Compile(CompileOptions.Default).Run(graph.Feeds);
            for (int i = 0; i < expected.Length; i++)
                AssertAgrees(expected[i], actual[i]);
        }
    }

    [Fact]
    public void Each_product_runs_by_a_step_of_a_plan()
    {
        foreach (string text in (string[])[Around, Inside, Branches, QuantizedBranches])
        {
            foreach (AnalyzedNode node in new PlanCase(text, "y").Contracted().Nodes)
                Assert.False(node.Kernel is not RegionKernel && RegionContraction.IsGemm(node), $"{node.Node.Name} is left alone");
        }
    }

    [Fact]
    public void Results_can_be_written_into_buffers()
    {
        var graph = new PlanCase(Around, "y", "c");
        var expected = graph.Reference();
        Memory<byte>[] buffers = [new byte[expected[0].Bytes.Length], new byte[expected[1].Bytes.Length]];
        graph.Compile(CompileOptions.Default).Run(graph.Feeds, buffers);
        AssertAgrees(expected[0], Tensor.FromContent(DataType.Float, expected[0].Shape, buffers[0]));
        AssertAgrees(expected[1], Tensor.FromContent(DataType.Float, expected[1].Shape, buffers[1]));
    }

    [Fact]
    public void A_fed_tensor_takes_the_place_of_a_node_between_others()
    {
        var graph = new PlanCase(Around, "y", "r");
        graph.Feeds["c:0"] = PlanCase.Reals(TensorShape.Of(1, 3, 7, 5), new Random(9));
        CompileOptions options = new() { Feeds = ["c"] };
        var expected = graph.Compile(options with { UseReferenceKernels = true }).Run(graph.Feeds);
        var actual = graph.Compile(options).Run(graph.Feeds);
        Assert.Equal(TensorShape.Of(1, 2, 4, 5), actual[0].Shape);
        AssertAgrees(expected[0], actual[0]);
        AssertAgrees(expected[1], actual[1]);
    }

    [Fact]
    public void Other_shapes_in_each_iteration_compute_the_same()
    {
        var graph = new PlanCase(Inside.Replace("v_next = NextIteration(t)", "axis = Const(^i_at:1) {dtype=int32, value=int32[]{0}}\nlonger = ConcatV2(t, t, axis) {T=float, N=2}\nv_next = NextIteration(longer)", StringComparison.Ordinal), "y");
        Tensor result = graph.Compile(CompileOptions.Default).Run(graph.Feeds)[0];
        Assert.Equal(TensorShape.Of(16, 24), result.Shape);
        AssertAgrees(graph.Reference()[0], result);
    }

    [Theory]
    [InlineData(Branches, true, "off")]
    [InlineData(Branches, false, "on")]
    public void An_output_of_a_branch_that_is_not_taken_has_no_value(string text, bool taken, string output)
    {
        var graph = new PlanCase(text, output);
        graph.Feeds["p"] = Predicate(taken);
        var error = Assert.Throws<ExecutionException>(() => graph.Compile(CompileOptions.Default).Run(graph.Feeds));
        Assert.Equal(output, error.Node);
        Assert.Contains("a branch that was not taken", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The convolution reads what is alive, but waits for the branch that is dead.</summary>
    [Fact]
    public void What_waits_for_a_dead_branch_is_dead()
    {
        var graph = new PlanCase(Branches.Replace("off = Conv2D(s, w)", "wait = Identity(s) {T=float}\noff = Conv2D(first, w, ^wait)", StringComparison.Ordinal), "y", "first");
        foreach (bool taken in (bool[])[false, true])
        {
            graph.Feeds["p"] = Predicate(taken);
            AssertAgrees(graph.Reference()[0], graph.Compile(CompileOptions.Default).Run(graph.Feeds)[0]);
        }
    }

    [Theory]
    [InlineData("(1,6,6,4)", "c")]
    [InlineData("(1,6,5)", "c")]
    public void An_error_before_a_loop_names_its_node(string shape, string node)
    {
        var graph = new PlanCase(Around.Replace("(1,6,6,5)", shape, StringComparison.Ordinal), "y");
        AssertFailsAlike(graph, node);
    }

    [Fact]
    public void An_error_behind_a_loop_names_its_node() =>
        AssertFailsAlike(new PlanCase(Around + "\nother = Const() {dtype=float, shape=(1,1,9,5)}\nz = Conv2D(y, other) {T=float, strides=[1,1,1,1], padding=\"SAME\"}", "z"), "z");

    [Fact]
    public void A_missing_feed_is_told() => AssertFailsAlike(Without(new PlanCase(Around, "y"), "x"), "x");

    [Fact]
    public void A_kernel_that_fails_inside_a_plan_names_its_node()
    {
        var graph = new PlanCase(Around.Replace("r = Relu(c)", "t = Tan(c) {T=float}\nr = Relu(t)", StringComparison.Ordinal), "y");
        var options = new CompileOptions { Kernels = CompileOptions.Default.Kernels.Add("Tan", new Failing()) };
        var error = Assert.Throws<ExecutionException>(() => graph.Compile(options).Run(graph.Feeds));
        Assert.Equal("t", error.Node);
        Assert.Equal(StatusKind.Internal, error.Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_profile_is_told_of_all_steps_in_their_order(bool useReferenceKernels)
    {
        var steps = new List<StepTiming>();
        var graph = new PlanCase(Around, "y");
        graph.Compile(new() { UseReferenceKernels = useReferenceKernels, Profile = steps.Add }).Run(graph.Feeds);
        string[] order = ["c", "v_sum", "looped", "d"];
        Assert.Equal(order, steps.Select(step => step.Node.Name).Where(order.Contains).Distinct());
        Assert.Equal(3, steps.Count(step => step.Node.Name == "v_sum"));
        Assert.DoesNotContain(steps, step => step.Node.Op.StartsWith("_Region", StringComparison.Ordinal));
        Assert.All(steps.Zip(steps.Skip(1)), pair => Assert.True(pair.First.Start + pair.First.Duration <= pair.Second.Start, $"{pair.Second} begins before {pair.First} ends"));
    }

    [Fact]
    public void Both_sides_of_an_undeclared_op_run_by_plans()
    {
        var steps = new List<StepTiming>();
        var graph = new PlanCase(Undeclared, "y");
        CompileOptions options = new() { Kernels = CompileOptions.Default.Kernels.Add("UndeclaredCopy", new Copying()) };
        Tensor result = graph.Compile(options with { Profile = steps.Add }).Run(graph.Feeds)[0];
        AssertAgrees(graph.Compile(options with { UseReferenceKernels = true }).Run(graph.Feeds)[0], result);
        Assert.Equal(["c", "r", "u", "d"], steps.Select(step => step.Node.Name).Where(name => name != "x").Distinct());
    }

    [Fact]
    public void A_profile_is_told_the_shapes_of_products_inside_of_loops()
    {
        var steps = new List<StepTiming>();
        var graph = new PlanCase(Inside, "y");
        graph.Compile(new() { Profile = steps.Add }).Run(graph.Feeds);
        StepTiming product = steps.First(step => step.Node.Name == "m");
        Assert.Equal("[2,24] [24,24] [2,24]", string.Join(' ', product.InputShapes.Concat(product.OutputShapes)));
    }

    [Fact]
    public void Prints_come_once_between_the_plans()
    {
        var lines = new List<string>();
        var graph = new PlanCase(Around.Replace("r = Relu(c)", "told = Print(c, c) {T=float, U=[float], message=\"seen\"}\nr = Relu(told)", StringComparison.Ordinal), "y");
        Tensor result = graph.Compile(new() { Print = lines.Add }).Run(graph.Feeds)[0];
        Assert.Single(lines);
        AssertAgrees(graph.Reference()[0], result);
    }

    [Fact]
    public void A_cancelled_run_stops_between_the_steps_of_a_plan()
    {
        using var cancellation = new CancellationTokenSource();
        var graph = new PlanCase(Around.Replace("r = Relu(c)", "t = Tan(c) {T=float}\nr = Relu(t)", StringComparison.Ordinal), "y");
        var options = new CompileOptions { Kernels = CompileOptions.Default.Kernels.Add("Tan", new Cancelling(cancellation)) };
        Assert.Throws<OperationCanceledException>(() => graph.Compile(options).Run(graph.Feeds, cancellation.Token));
    }

    [Theory]
    [InlineData(Around)]
    [InlineData(Inside)]
    public void A_thousand_runs_at_once_give_the_same_bits(string text)
    {
        Assert.Equal(1000, new PlanCase(text, "y").RepeatedRuns());
    }

    private static Tensor Predicate(bool value) => Tensor.Create<bool>(DataType.Bool, TensorShape.Scalar, [value]);

    private static PlanCase Without(PlanCase graph, string feed)
    {
        graph.Feeds.Remove(feed);
        return graph;
    }

    private static void AssertFailsAlike(PlanCase graph, string node)
    {
        var expected = Assert.Throws<ExecutionException>(() => graph.Reference());
        var actual = Assert.Throws<ExecutionException>(() => graph.Compile(CompileOptions.Default).Run(graph.Feeds));
        Assert.Equal(node, actual.Node);
        Assert.Equal((expected.Node, expected.Kind, expected.Message), (actual.Node, actual.Kind, actual.Message));
    }

    private static void AssertAgrees(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        if (expected.Type != DataType.Float)
        {
            Assert.True(expected.ContentEquals(actual));
            return;
        }
        float[] wanted = expected.AsSpan<float>().ToArray();
        float[] found = actual.AsSpan<float>().ToArray();
        double largest = wanted.Max(MathF.Abs);
        for (int i = 0; i < wanted.Length; i++)
            Assert.True(Math.Abs(wanted[i] - found[i]) <= Tolerance * largest, $"element {i} is {found[i]} for {wanted[i]}");
    }

    private sealed class Copying : IKernel
    {
        public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

        public Tensor[] Compute(KernelCall call) => [call.Inputs[0]];
    }

    private sealed class Failing : IKernel
    {
        public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => node.Shapes;

        public Tensor[] Compute(KernelCall call) => throw new InvalidOperationException("no tangent today");
    }

    private sealed class Cancelling(CancellationTokenSource cancellation) : IKernel
    {
        public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => node.Shapes;

        public Tensor[] Compute(KernelCall call)
        {
            cancellation.Cancel();
            return [call.Inputs[0]];
        }
    }
}
