using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Plans against the reference kernels, with every kernel set of the machine.</summary>
public sealed class PlanTests
{
    /// <summary>Part of the largest element by which any may differ: accumulators are float, and batch norms are folded into weights.</summary>
    private const double Tolerance = 3e-6;

    /// <summary>Each graph with the number of operators besides imports that its plan has.</summary>
    private static readonly Dictionary<string, (int Operators, PlanCase Case)> Cases = new(StringComparer.Ordinal)
    {
        ["convolution, bias, relu6"] = (1, new("""
            x = Placeholder() {dtype=float, shape=(2,7,9,17)}
            w = Const() {dtype=float, shape=(3,3,17,21)}
            b = Const() {dtype=float, shape=(21)}
            i = Identity(w) {T=float}
            c = Conv2D(x, i) {T=float, strides=[1,1,1,1], padding="SAME", data_format="NHWC"}
            a = BiasAdd(c, b) {T=float}
            y = Relu6(a) {T=float}
            """, "y")),
        ["padding, strided convolution, batch norm, addition, relu"] = (2, new("""
            x = Placeholder() {dtype=float, shape=(1,8,8,20)}
            p = Const() {dtype=int32, value=int32[4,2]{0, 0, 1, 1, 0, 1, 0, 0}}
            padded = Pad(x, p) {T=float, Tpaddings=int32}
            w = Const() {dtype=float, shape=(3,3,20,33)}
            s = Const() {dtype=float, shape=(1,1,20,33)}
            gamma = Const() {dtype=float, shape=(33)}
            beta = Const() {dtype=float, shape=(33)}
            mean = Const() {dtype=float, shape=(33)}
            variance = Const() {dtype=float, shape=(33)}
            shortcut = Conv2D(x, s) {T=float, strides=[1,2,2,1], padding="VALID"}
            c = Conv2D(padded, w) {T=float, strides=[1,2,2,1], padding="VALID"}
            n = FusedBatchNorm(c, gamma, beta, mean, variance) {T=float, is_training=false, epsilon=0.01}
            sum = Add(shortcut, n) {T=float}
            y = Relu(sum) {T=float}
            """, "y")),
        ["few channels"] = (2, new("""
            x = Placeholder() {dtype=float, shape=(1,12,11,3)}
            w = Const() {dtype=float, shape=(7,7,3,64)}
            y = Conv2D(x, w) {T=float, strides=[1,2,2,1], padding="SAME"}
            """, "y")),
        ["dilated convolution of few channels"] = (1, new("""
            x = Placeholder() {dtype=float, shape=(1,12,11,3)}
            w = Const() {dtype=float, shape=(3,3,3,5)}
            y = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME", dilations=[1,2,3,1]}
            """, "y")),
        ["products of computed matrices, broadcast and transposed"] = (2, new("""
            x = Placeholder() {dtype=float, shape=(2,1,13,17)}
            y = Placeholder() {dtype=float, shape=(3,17,70)}
            z = Placeholder() {dtype=float, shape=(1,3,9,70)}
            p = BatchMatMulV2(x, y) {T=float, adj_x=false, adj_y=false}
            q = BatchMatMulV2(p, z) {T=float, adj_x=false, adj_y=true}
            """, "p", "q")),
        ["products of matrices that are transposed"] = (2, new("""
            x = Placeholder() {dtype=float, shape=(5,8,3)}
            y = Placeholder() {dtype=float, shape=(5,7,8)}
            p = BatchMatMul(x, y) {T=float, adj_x=true, adj_y=true}
            a = Placeholder() {dtype=float, shape=(11,65)}
            b = Placeholder() {dtype=float, shape=(11,4)}
            q = MatMul(a, b) {T=float, transpose_a=true, transpose_b=false}
            """, "p", "q")),
        ["matrices by one constant matrix, with a bias"] = (1, new("""
            x = Placeholder() {dtype=float, shape=(3,5,16)}
            w = Const() {dtype=float, shape=(20,16)}
            b = Const() {dtype=float, shape=(20)}
            p = BatchMatMulV2(x, w) {T=float, adj_x=false, adj_y=true}
            s = AddV2(p, b) {T=float}
            y = Relu(s) {T=float}
            """, "y")),
        ["arithmetic of computed tensors, broadcast"] = (5, new("""
            x = Placeholder() {dtype=float, shape=(3,5,43)}
            m = Placeholder() {dtype=float, shape=(3,5,1)}
            s = Placeholder() {dtype=float, shape=(1,5,43)}
            c = Sub(x, m) {T=float}
            d = RealDiv(c, s) {T=float}
            p = Mul(d, x) {T=float}
            q = Add(m, s) {T=float}
            y = AddV2(p, q) {T=float}
            """, "y")),
        ["functions of each element, in a chain"] = (2, new("""
            x = Placeholder() {dtype=float, shape=(3,5,1201)}
            e = Erf(x) {T=float}
            t = Tanh(e) {T=float}
            s = Sigmoid(t) {T=float}
            p = Exp(s) {T=float}
            y = Softmax(p) {T=float}
            """, "y")),
        ["functions of each element, in place"] = (2, new("""
            x = Placeholder() {dtype=float, shape=(3,5,1201)}
            e = Erf(x) {T=float}
            y = Tanh(e) {T=float}
            """, "y")),
        ["normalization of rows"] = (1, new("""
            x = Placeholder() {dtype=float, shape=(2,7,19)}
            axis = Const() {dtype=int32, value=int32[1]{2} }
            gamma = Const() {dtype=float, shape=(19)}
            beta = Const() {dtype=float, shape=(1,19)}
            epsilon = Const() {dtype=float, value=float{0.001} }
            mean = Mean(x, axis) {T=float, Tidx=int32, keep_dims=true}
            difference = SquaredDifference(x, mean) {T=float}
            variance = Mean(difference, axis) {T=float, Tidx=int32, keep_dims=true}
            more = AddV2(variance, epsilon) {T=float}
            factor = Sqrt(more) {T=float}
            centred = Sub(x, mean) {T=float}
            quotient = RealDiv(centred, factor) {T=float}
            scaled = Mul(quotient, gamma) {T=float}
            y = AddV2(scaled, beta) {T=float}
            """, "y", "factor")),
        ["rows of the sum of two products, and a branch"] = (4, new("""
            x = Placeholder() {dtype=float, shape=(5,24)}
            w = Const() {dtype=float, shape=(24,33)}
            root = Const() {dtype=float, value=float{0.7} }
            one = Const() {dtype=float, value=float{1} }
            m = MatMul(x, w) {T=float}
            r = Mul(m, root) {T=float}
            e = Erf(r) {T=float}
            f = AddV2(one, e) {T=float}
            g = Mul(f, m) {T=float}
            n = MatMul(g, w) {T=float, transpose_b=true}
            h = AddV2(n, x) {T=float}
            s = Sigmoid(h) {T=float}
            t = Mul(s, h) {T=float}
            y = Softplus(t) {T=float}
            """, "y", "f")),
        ["elements in another order"] = (9, new("""
            x = Placeholder() {dtype=float, shape=(3,4,6,5)}
            order = Const() {dtype=int32, value=int32[4]{0, 2, 1, 3} }
            turned = Const() {dtype=int32, value=int32[2]{-1, 0} }
            t = Transpose(x, order) {T=float, Tperm=int32}
            v = ReverseV2(t, turned) {T=float, Tidx=int32}
            begin = Const() {dtype=int32, value=int32[4]{0, 5, 0, 1} }
            end = Const() {dtype=int32, value=int32[4]{3, 0, 0, 5} }
            step = Const() {dtype=int32, value=int32[4]{1, -2, 1, 2} }
            s = StridedSlice(v, begin, end, step) {T=float, Index=int32, begin_mask=0, end_mask=4, ellipsis_mask=0, new_axis_mask=0, shrink_axis_mask=0}
            size = Const() {dtype=int32, value=int32[4]{2, 3, 2, 1} }
            first = Const() {dtype=int32, value=int32[4]{1, 0, 2, 1} }
            c = Slice(s, first, size) {T=float, Index=int32}
            axis = Const() {dtype=int32, value=int32{1} }
            p = Split(axis, v) {T=float, num_split=3}
            u = Unpack(p:2) {T=float, num=3, axis=0}
            k = Pack(u, u:2) {T=float, N=2, axis=-1}
            """, "c", "k", "p")),
        ["moves of nothing"] = (1, new("""
            x = Placeholder() {dtype=float, shape=(1,4,1,5)}
            order = Const() {dtype=int32, value=int32[4]{2, 1, 0, 3} }
            t = Transpose(x, order) {T=float, Tperm=int32}
            y = Relu(t) {T=float}
            """, "y")),
        ["a convolution added to its own input"] = (1, new("""
            x = Placeholder() {dtype=float, shape=(1,6,6,130)}
            w = Const() {dtype=float, shape=(1,1,130,130)}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            y = AddV2(x, c) {T=float}
            """, "y")),
        ["outputs inside a chain"] = (3, new("""
            x = Placeholder() {dtype=float, shape=(1,6,6,5)}
            w = Const() {dtype=float, shape=(1,1,5,70)}
            b = Const() {dtype=float, shape=(70)}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            a = BiasAdd(c, b) {T=float}
            y = Relu(a) {T=float}
            """, "c", "a", "y")),
        ["depthwise, batch norm, relu6"] = (1, new("""
            x = Placeholder() {dtype=float, shape=(2,11,13,43)}
            w = Const() {dtype=float, shape=(3,3,43,1)}
            gamma = Const() {dtype=float, shape=(43)}
            beta = Const() {dtype=float, shape=(43)}
            mean = Const() {dtype=float, shape=(43)}
            variance = Const() {dtype=float, shape=(43)}
            c = DepthwiseConv2dNative(x, w) {T=float, strides=[1,2,2,1], padding="SAME"}
            n = FusedBatchNormV3(c, gamma, beta, mean, variance) {T=float, U=float, is_training=false}
            y = Relu6(n) {T=float}
            """, "y")),
        ["depthwise, pairs of rows"] = (2, new("""
            x = Placeholder() {dtype=float, shape=(2,8,13,37)}
            w = Const() {dtype=float, shape=(3,3,37,1)}
            y = DepthwiseConv2dNative(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            z = DepthwiseConv2dNative(y, w) {T=float, strides=[1,1,1,1], padding="VALID"}
            """, "y", "z")),
        ["padding and a depthwise convolution larger than the image"] = (1, new("""
            x = Placeholder() {dtype=float, shape=(1,3,3,16)}
            p = Const() {dtype=int32, value=int32[4,2]{0, 0, 3, 1, 0, 5, 0, 0}}
            padded = Pad(x, p) {T=float}
            w = Const() {dtype=float, shape=(5,5,16,1)}
            y = DepthwiseConv2dNative(padded, w) {T=float, strides=[1,1,1,1], padding="VALID"}
            """, "y")),
        ["padding read by two"] = (4, new("""
            x = Placeholder() {dtype=float, shape=(1,5,5,16)}
            p = Const() {dtype=int32, value=int32[4,2]{0, 0, 1, 1, 1, 1, 0, 0}}
            padded = Pad(x, p) {T=float}
            w = Const() {dtype=float, shape=(3,3,16,16)}
            c = Conv2D(padded, w) {T=float, strides=[1,1,1,1], padding="VALID"}
            m = MaxPool(padded) {T=float, ksize=[1,3,3,1], strides=[1,1,1,1], padding="VALID"}
            y = Add(c, m) {T=float}
            """, "c", "y")),
        ["matrix product, bias, relu"] = (1, new("""
            x = Placeholder() {dtype=float, shape=(5,77)}
            w = Const() {dtype=float, shape=(77,130)}
            b = Const() {dtype=float, shape=(130)}
            m = MatMul(x, w) {T=float}
            a = BiasAdd(m, b) {T=float}
            y = Relu(a) {T=float}
            """, "y")),
        ["product of rows quantized in the run, bias, relu"] = (2, new("""
            x = Placeholder() {dtype=float, shape=(7,77)}
            w = Const() {dtype=qint8, shape=(77,130)}
            s = Const() {dtype=float, shape=(130)}
            z = Const() {dtype=int32, value=int32[]{0}}
            b = Const() {dtype=float, shape=(130)}
            m = UniformQuantizedDotHybrid(x, w, s, z) {Tlhs=float, Trhs=qint8, Tout=float, rhs_quantization_axis=1, rhs_quantization_min_val=-127, rhs_quantization_max_val=127}
            a = BiasAdd(m, b) {T=float}
            y = Relu(a) {T=float}
            """, "y")),
        ["product with a transposed matrix"] = (1, new("""
            x = Placeholder() {dtype=float, shape=(1,6)}
            w = Const() {dtype=float, shape=(10,6)}
            y = MatMul(x, w) {T=float, transpose_b=true}
            """, "y")),
        ["pooling"] = (2, new("""
            x = Placeholder() {dtype=float, shape=(2,9,7,19)}
            m = MaxPool(x) {T=float, ksize=[1,3,2,1], strides=[1,2,2,1], padding="SAME"}
            y = AvgPool(x) {T=float, ksize=[1,3,3,1], strides=[1,2,1,1], padding="SAME"}
            """, "m", "y")),
        ["mean, squeeze, softmax"] = (2, new("""
            x = Placeholder() {dtype=float, shape=(2,9,7,1001)}
            axes = Const() {dtype=int32, value=int32[2]{2, -3}}
            m = Mean(x, axes) {T=float, keep_dims=true}
            s = Squeeze(m) {T=float, squeeze_dims=[1,2]}
            y = Softmax(s) {T=float}
            """, "y")),
        ["a convolution in groups"] = (1, new("""
            x = Placeholder() {dtype=float, shape=(2,7,6,12)}
            w = Const() {dtype=float, shape=(3,2,4,21)}
            b = Const() {dtype=float, shape=(21)}
            r = Placeholder() {dtype=float, shape=(2,7,6,21)}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            a = BiasAdd(c, b) {T=float}
            s = AddV2(a, r) {T=float}
            y = Relu(s) {T=float}
            """, "y")),
        ["concat"] = (1, new("""
            x = Placeholder() {dtype=float, shape=(2,3,4,5)}
            w = Const() {dtype=float, shape=(2,3,1,5)}
            axis = Const() {dtype=int32, value=int32 values{-2}}
            y = ConcatV2(x, w, x, axis) {T=float, N=3}
            """, "y")),
        ["resize"] = (1, new("""
            x = Placeholder() {dtype=float, shape=(2,5,4,19)}
            size = Const() {dtype=int32, value=int32[2]{9, 3}}
            y = ResizeBilinear(x, size) {T=float, align_corners=true}
            """, "y")),
        ["scale, shift and clamp without a product"] = (1, new("""
            x = Placeholder() {dtype=float, shape=(3,5,21)}
            a = Const() {dtype=float, shape=(21)}
            b = Const() {dtype=float, shape=(1,1,21)}
            half = Const() {dtype=float, value=float[]{0.5}}
            m = Mul(a, x) {T=float}
            s = Sub(b, m) {T=float}
            low = Maximum(s, half) {T=float}
            y = Relu6(low) {T=float}
            """, "y")),
        ["batch norm before an activation and a convolution"] = (2, new("""
            x = Placeholder() {dtype=float, shape=(1,5,6,24)}
            gamma = Const() {dtype=float, shape=(24)}
            beta = Const() {dtype=float, shape=(24)}
            mean = Const() {dtype=float, shape=(24)}
            variance = Const() {dtype=float, shape=(24)}
            w = Const() {dtype=float, shape=(1,1,24,8)}
            n = FusedBatchNorm(x, gamma, beta, mean, variance) {T=float, is_training=false}
            r = Relu(n) {T=float}
            y = Conv2D(r, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            """, "y")),
    };

    public static TheoryData<string, string> CasesAndSets() => PlanCases.WithSets(Cases.Keys);

    [SkippableTheory]
    [MemberData(nameof(CasesAndSets))]
    public void A_plan_computes_what_the_reference_kernels_compute(string name, string set)
    {
        var (_, graph) = Cases[name];
        var expected = graph.Reference();
        var actual = graph.Run(graph.Plan(set)!);
        for (int i = 0; i < expected.Length; i++)
            AssertClose(expected[i], actual[i]);
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
    public void Nodes_without_a_lowering_run_their_reference_kernels_inside_the_plan()
    {
        var graph = new PlanCase("""
            x = Placeholder() {dtype=float, shape=(2,9)}
            w = Const() {dtype=float, shape=(9,9)}
            m = MatMul(x, w) {T=float}
            t = Tan(m) {T=float}
            y = MatMul(t, w) {T=float}
            """, "t", "y");
        ExecutionPlan plan = graph.Plan("scalar")!;
        Assert.Single(plan.Operators, op => op is ReferenceOperator);
        var expected = graph.Reference();
        var actual = graph.Run(plan);
        AssertClose(expected[0], actual[0]);
        AssertClose(expected[1], actual[1]);
    }

    [Fact]
    public void Rows_whose_number_is_found_in_the_run_are_multiplied_by_packed_weights()
    {
        var graph = new PlanCase("""
            x = Placeholder() {dtype=float, shape=(40,33)}
            v = Placeholder() {dtype=float, shape=(40)}
            zero = Const() {dtype=float, value=float[]{0}}
            mask = Greater(v, zero) {T=float}
            places = Where(mask) {T=bool}
            rows = GatherNd(x, places) {Tparams=float, Tindices=int64}
            w = Const() {dtype=qint8, shape=(33,70)}
            s = Const() {dtype=float, shape=(70)}
            z = Const() {dtype=int32, value=int32[]{0}}
            y = UniformQuantizedDotHybrid(rows, w, s, z) {Tlhs=float, Trhs=qint8, Tout=float, rhs_quantization_axis=1, rhs_quantization_min_val=-127, rhs_quantization_max_val=127}
            """, "y");
        ExecutionPlan plan = graph.Plan("scalar")!;
        Assert.Single(plan.Operators, op => op is Operators.UniformQuantizedDot.UnshapedDotOperator);
        AssertClose(graph.Reference()[0], graph.Run(plan)[0]);
    }

    [Fact]
    public void Graphs_with_nothing_to_gain_have_no_plan() =>
        Assert.Null(new PlanCase("""
            x = Placeholder() {dtype=float, shape=(2,9)}
            y = Tan(x) {T=float}
            """, "y").Plan("scalar"));

    [Fact]
    public void Running_into_buffers_allocates_nothing()
    {
        var (_, graph) = Cases["padding, strided convolution, batch norm, addition, relu"];
        IExecutable executable = graph.Compile(new CompileOptions { Threads = 1 });
        Memory<byte>[] buffers = [new byte[executable.Run(graph.Feeds)[0].Bytes.Length]];
        Assert.Equal(0, SteadyState.AllocatedBytes(() => executable.Run(graph.Feeds, buffers)));
        AssertClose(graph.Reference()[0], Tensor.FromContent(DataType.Float, graph.Reference()[0].Shape, buffers[0]));
    }

    [Fact]
    public void A_buffer_of_the_wrong_size_is_refused()
    {
        var (_, graph) = Cases["pooling"];
        IExecutable executable = graph.Compile(CompileOptions.Default);
        Assert.Contains("output 1", Assert.Throws<ExecutionException>(() => executable.Run(graph.Feeds, [new byte[executable.Run(graph.Feeds)[0].Bytes.Length], new byte[3]])).Message, StringComparison.Ordinal);
        Assert.Contains("2 outputs", Assert.Throws<ExecutionException>(() => executable.Run(graph.Feeds, [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_runs_at_once_give_the_same_bits()
    {
        var (_, graph) = Cases["padding, strided convolution, batch norm, addition, relu"];
        Assert.Equal(1000, graph.RepeatedRuns());
    }

    [Fact]
    public void Other_shapes_get_another_plan_from_the_same_executable()
    {
        var graph = new PlanCase("""
            x = Placeholder() {dtype=float, shape=(2,4,4,3)}
            w = Const() {dtype=float, shape=(3,3,3,8)}
            y = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            """, "y");
        IExecutable fast = graph.Compile(CompileOptions.Default);
        IExecutable reference = graph.Compile(new() { UseReferenceKernels = true });
        for (int size = 1; size < 14; size++)
        {
            var feeds = new Dictionary<string, Tensor> { ["x:0"] = PlanCase.Reals(TensorShape.Of(1 + (size % 3), size, 5, 3), new Random(size)) };
            AssertClose(reference.Run(feeds)[0], fast.Run(feeds)[0]);
        }
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        float[] wanted = expected.AsSpan<float>().ToArray();
        float[] found = actual.AsSpan<float>().ToArray();
        double largest = wanted.Max(MathF.Abs);
        for (int i = 0; i < wanted.Length; i++)
            Assert.True(Math.Abs(wanted[i] - found[i]) <= Tolerance * largest, $"element {i} is {found[i]} for {wanted[i]}");
    }
}
