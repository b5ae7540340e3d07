using TransformFramework.Cpu.Execution;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Plans.Operators.Scan;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Loops of recurrent cells run as one operator and give what the loop gives.</summary>
public sealed class ScanTests
{
    /// <summary>
    /// Rounding differs: products are summed by fused multiply-adds, biases before them, and the rest of a row by the functions that whole packets take. Values are within ±1 or a few of them, and
    /// a recurrence carries differences on.
    /// </summary>
    private const double Tolerance = 2e-5;

    private static readonly Dictionary<string, string> Cells = new(StringComparer.Ordinal)
    {
        ["lstm"] =
            """
            xw = MatMul(x_t, wx) {T=float, transpose_a=false, transpose_b=false}
            hw = MatMul(h, wh) {T=float, transpose_a=false, transpose_b=false}
            both = AddV2(xw:product:0, hw:product:0) {T=float}
            z = BiasAdd(both:z:0, b) {T=float, data_format="NHWC"}
            axis = Const() {dtype=int32, value=int32{1}}
            parts = Split(axis:output:0, z:output:0) {T=float, num_split=4}
            i = Sigmoid(parts:output:0) {T=float}
            f = Sigmoid(parts:output:1) {T=float}
            g = Tanh(parts:output:2) {T=float}
            o = Sigmoid(parts:output:3) {T=float}
            kept = Mul(f:y:0, c) {T=float}
            added = Mul(i:y:0, g:y:0) {T=float}
            c_next = AddV2(kept:z:0, added:z:0) {T=float}
            squashed = Tanh(c_next:z:0) {T=float}
            h_next = Mul(o:y:0, squashed:y:0) {T=float}
            """,
        ["gru"] =
            """
            xw = MatMul(x_t, wx) {T=float, transpose_a=false, transpose_b=false}
            xb = BiasAdd(xw:product:0, b) {T=float, data_format="NHWC"}
            hw = MatMul(h, wh) {T=float, transpose_a=false, transpose_b=false}
            hb = BiasAdd(hw:product:0, b) {T=float, data_format="NHWC"}
            axis = Const() {dtype=int32, value=int32{-1}}
            xs = Split(axis:output:0, xb:output:0) {T=float, num_split=4}
            hs = Split(axis:output:0, hb:output:0) {T=float, num_split=4}
            zs = AddV2(xs:output:0, hs:output:0) {T=float}
            z = Sigmoid(zs:z:0) {T=float}
            rs = AddV2(xs:output:1, hs:output:1) {T=float}
            r = Sigmoid(rs:z:0) {T=float}
            gated = Mul(r:y:0, hs:output:2) {T=float}
            ns = AddV2(xs:output:2, gated:z:0) {T=float}
            n = Tanh(ns:z:0) {T=float}
            one = Const() {dtype=float, value=float{1}}
            rest = Sub(one:output:0, z:y:0) {T=float}
            kept = Mul(z:y:0, h) {T=float}
            added = Mul(rest:z:0, n:y:0) {T=float}
            h_next = AddV2(kept:z:0, added:z:0) {T=float}
            c_soft = Softsign(h_next:z:0) {T=float}
            zero_f = Const() {dtype=float, value=float{0}}
            c_next = AddV2(c_soft:activations:0, zero_f:output:0) {T=float}
            """,
        ["swap"] =
            """
            xw = MatMul(x_t, wx) {T=float, transpose_a=false, transpose_b=false}
            axis = Const() {dtype=int32, value=int32{1}}
            parts = Split(axis:output:0, xw:product:0) {T=float, num_split=4}
            low = Const() {dtype=float, value=float{-0.5}}
            high = Const() {dtype=float, value=float{0.25}}
            clipped = ClipByValue(parts:output:1, low:output:0, high:output:0) {T=float}
            larger = Maximum(clipped:output:0, c) {T=float}
            rectified = Relu(larger:z:0) {T=float}
            c_next = AddV2(h, low:output:0) {T=float}
            h_next = Sub(rectified:activations:0, parts:output:3) {T=float}
            """,
    };

    public static TheoryData<string, int, int, int, int> Sizes()
    {
        var sizes = new TheoryData<string, int, int, int, int>();
        foreach (string cell in Cells.Keys)
        {
            foreach (var (steps, batch, width, units) in new[] { (1, 1, 1, 1), (3, 1, 5, 8), (4, 2, 3, 5), (7, 7, 6, 17), (5, 13, 33, 40), (20, 1, 16, 64), (2, 3, 70, 33) })
                sizes.Add(cell, steps, batch, width, units);
        }
        return sizes;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void GivesWhatTheLoopGives(string cell, int steps, int batch, int width, int units)
    {
        var graph = new PlanCase(Loop(Cells[cell], steps, batch, width, units), "y", "h", "c");
        var expected = graph.Reference();
        foreach (MicrokernelSet set in MicrokernelCatalog.Supported)
        {
            ExecutionPlan plan = graph.Plan(set.Name)!;
            Assert.Single(plan.Operators.OfType<ScanOperator>());
            Compare(expected, graph.Run(plan), set.Name);
        }
    }

    /// <summary>Weights of 8 bits, data quantized row by row: the same quantized values and sums, so the same but for the rounding of what is float.</summary>
    [Fact]
    public void QuantizedProductsGiveWhatTheLoopGives()
    {
        string cell = Cells["lstm"]
            .Replace("MatMul(x_t, wx) {T=float, transpose_a=false, transpose_b=false}", "UniformQuantizedDotHybrid(x_t, wx, scale:output:0, points:output:0) {Tlhs=float, Trhs=qint8, Tout=float, rhs_quantization_axis=-1, rhs_quantization_min_val=-127, rhs_quantization_max_val=127}", StringComparison.Ordinal)
            .Replace("MatMul(h, wh) {T=float, transpose_a=false, transpose_b=false}", "UniformQuantizedDotHybrid(h, wh, scale:output:0, points:output:0) {Tlhs=float, Trhs=qint8, Tout=float, rhs_quantization_axis=-1, rhs_quantization_min_val=-127, rhs_quantization_max_val=127}", StringComparison.Ordinal)
            .Replace(":product:0", ":output:0", StringComparison.Ordinal);
        string loop = Loop("scale = Const() {dtype=float, value=float{0.004}}\npoints = Const() {dtype=int32, value=int32{0}}\n" + cell, 6, 3, 20, 9)
            .Replace("wx = Const() {dtype=float,", "wx = Const() {dtype=qint8,", StringComparison.Ordinal).Replace("wh = Const() {dtype=float,", "wh = Const() {dtype=qint8,", StringComparison.Ordinal)
            .Replace("float,float,float,float,float,variant]", "float,float,qint8,qint8,float,variant]", StringComparison.Ordinal)
            .Replace("input wx {type=float}", "input wx {type=qint8}", StringComparison.Ordinal).Replace("input wh {type=float}", "input wh {type=qint8}", StringComparison.Ordinal)
            .Replace("output wx_next {type=float}", "output wx_next {type=qint8}", StringComparison.Ordinal).Replace("output wh_next {type=float}", "output wh_next {type=qint8}", StringComparison.Ordinal);
        var graph = new PlanCase(loop, "y", "h", "c");
        var expected = graph.Reference();
        foreach (MicrokernelSet set in MicrokernelCatalog.Supported)
        {
            ExecutionPlan plan = graph.Plan(set.Name)!;
            Assert.Single(plan.Operators.OfType<ScanOperator>());
            Compare(expected, graph.Run(plan), set.Name);
        }
    }

    [Theory]
    [InlineData("lengths")]
    [InlineData("mask")]
    public void HiddenStepsKeepStates(string kind)
    {
        string choice = kind == "mask"
            ? """
              seen = TensorListGetItem(masks, t, none:output:0) {element_dtype=bool}
              last = Const() {dtype=int32, value=int32{-1}}
              visible = ExpandDims(seen:item:0, last:output:0) {T=bool, Tdim=int32}
              """
            : """
              length = Const() {dtype=int64, value=int64[3]{2,0,4}}
              narrow = Cast(length:output:0) {SrcT=int64, DstT=int32}
              shorter = Less(t, narrow:y:0) {T=int32}
              last = Const() {dtype=int32, value=int32{1}}
              visible = ExpandDims(shorter:z:0, last:output:0) {T=bool, Tdim=int32}
              """;
        string cell = Cells["lstm"].Replace("h_next = ", "h_new = ", StringComparison.Ordinal).Replace("c_next = AddV2", "c_new = AddV2", StringComparison.Ordinal).Replace("c_next:z:0", "c_new:z:0", StringComparison.Ordinal)
            + "\n" + choice + """

              zeros = ZerosLike(h_new:z:0) {T=float}
              h_next = SelectV2(visible:output:0, h_new:z:0, zeros:y:0) {T=float}
              c_next = SelectV2(visible:output:0, c_new:z:0, c) {T=float}
              """;
        var graph = new PlanCase(Loop(cell, 4, 3, 5, 9).Replace("h_next:z:0", "h_next:output:0", StringComparison.Ordinal).Replace("c_next:z:0", "c_next:output:0", StringComparison.Ordinal), "y", "h", "c");
        var expected = graph.Reference();
        foreach (MicrokernelSet set in MicrokernelCatalog.Supported)
        {
            ExecutionPlan plan = graph.Plan(set.Name)!;
            Assert.Single(plan.Operators.OfType<ScanOperator>());
            Compare(expected, graph.Run(plan), set.Name);
        }
    }

    [Theory]
    [InlineData("h_next = Mul(o:y:0, squashed:y:0) {T=float}", "turned = Cumsum(squashed:y:0, axis:output:0) {T=float, Tidx=int32}\nh_next = Mul(o:y:0, turned:out:0) {T=float}")]
    [InlineData("num_elements=-1", "num_elements=5")]
    [InlineData("h_next = Mul(o:y:0, squashed:y:0) {T=float}", """
        lengths = Const() {dtype=int32, value=int32[4]{2,0,4,1}}
        longer = Less(t, lengths:output:0) {T=int32}
        square = Const() {dtype=int32, value=int32[2]{4,4}}
        everywhere = BroadcastTo(longer:z:0, square:output:0) {T=bool, Tidx=int32}
        h_new = Mul(o:y:0, squashed:y:0) {T=float}
        h_chosen = SelectV2(everywhere:output:0, h_new:z:0, h) {T=float}
        h_next = AddV2(h_chosen:output:0, h_chosen:output:0) {T=float}
        """)]
    public void WhatItCannotTranslateRunsAsALoop(string text, string other)
    {
        string loop = Loop(Cells["lstm"], 5, 4, 3, 4).Replace(text, other, StringComparison.Ordinal);
        var graph = new PlanCase(loop, "y", "h");
        Compare(graph.Reference(), graph.Compile(new() { Threads = 1 }).Run(graph.Feeds), text);
    }

    [Fact]
    public void AListThatSomethingElseReadsIsLeftAlone()
    {
        var graph = new PlanCase(Loop(Cells["lstm"], 5, 2, 3, 4) + "\nlength = TensorListLength(loop:3)", "y", "length");
        var results = graph.Compile(new() { Threads = 1 }).Run(graph.Feeds);
        Compare(graph.Reference()[..1], results[..1], "y");
        Assert.Equal(5, results[1].AsSpan<int>()[0]);
    }

    [Fact]
    public void ALoopLongerThanItsSequenceFailsAsTheLoopDoes()
    {
        var graph = new PlanCase(Loop(Cells["lstm"], 5, 2, 3, 4).Replace("steps = Const() {dtype=int32, value=int32{5}}", "steps = Const() {dtype=int32, value=int32{6}}", StringComparison.Ordinal), "y");
        var error = Assert.Throws<ExecutionException>(() => graph.Compile(new() { Threads = 1 }).Run(graph.Feeds));
        Assert.Contains("5", error.Message, StringComparison.Ordinal);
    }

    private static void Compare(IReadOnlyList<Tensor> expected, IReadOnlyList<Tensor> actual, string what)
    {
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].Shape, actual[i].Shape);
            ReadOnlySpan<float> right = expected[i].AsSpan<float>();
            for (int k = 0; k < right.Length; k++)
                Assert.True(Math.Abs(right[k] - actual[i].AsSpan<float>()[k]) <= Tolerance, $"{what}: output {i}, element {k} is {actual[i].AsSpan<float>()[k]}, the loop has {right[k]}");
        }
    }

    /// <summary>A loop as Keras writes it; the cell computes h_next and c_next of x_t, h and c.</summary>
    private static string Loop(string cell, int steps, int batch, int width, int units)
    {
        string truths = string.Join(',', Enumerable.Range(0, steps * batch).Select(i => i % 3 == 1 ? "false" : "true"));
        return $$$"""
            x = Placeholder() {dtype=float, shape=({{{steps}}},{{{batch}}},{{{width}}})}
            wx = Const() {dtype=float, shape=({{{width}}},{{{4 * units}}})}
            wh = Const() {dtype=float, shape=({{{units}}},{{{4 * units}}})}
            b = Const() {dtype=float, shape=({{{4 * units}}})}
            h0 = Const() {dtype=float, shape=({{{batch}}},{{{units}}})}
            c0 = Placeholder() {dtype=float, shape=({{{batch}}},{{{units}}})}
            zero = Const() {dtype=int32, value=int32{0}}
            steps = Const() {dtype=int32, value=int32{{{{steps}}}}}
            truths = Const() {dtype=bool, value=bool[{{{steps}}},{{{batch}}}]{{{{truths}}}}}
            element = Const() {dtype=int32, value=int32[2]{-1,{{{width}}}}}
            unknown = Const() {dtype=int32, value=int32[1]{-1}}
            result = Const() {dtype=int32, value=int32[2]{-1,{{{units}}}}}
            read = TensorListFromTensor(x, element) {element_dtype=float, shape_type=int32}
            masks = TensorListFromTensor(truths, unknown) {element_dtype=bool, shape_type=int32}
            written = TensorListReserve(result, steps) {element_dtype=float, shape_type=int32}
            loop = StatelessWhile(zero, steps, read, written, h0, c0, wx, wh, b, masks) {T=[int32,int32,variant,variant,float,float,float,float,float,variant], cond=@more, body=@step}
            y = TensorListStack(loop:3, result) {element_dtype=float, num_elements=-1}
            h = Identity(loop:4) {T=float}
            c = Identity(loop:5) {T=float}
            function more {
              {{{Arguments}}}
              output z {type=bool}
              less = Less(t, steps) {T=int32}
              return z = less:z:0
            }
            function step {
              {{{Arguments}}}
              output t_next {type=int32}
              output steps_next {type=int32}
              output read_next {type=variant}
              output written_next {type=variant}
              output h_out {type=float}
              output c_out {type=float}
              output wx_next {type=float}
              output wh_next {type=float}
              output b_next {type=float}
              output masks_next {type=variant}
              one_step = Const() {dtype=int32, value=int32{1}}
              t_sum = AddV2(t, one_step:output:0) {T=int32}
              none = Const() {dtype=int32, value=int32{-1}}
              item = TensorListGetItem(read, t, none:output:0) {element_dtype=float}
              {{{cell.Replace("x_t", "item:item:0", StringComparison.Ordinal)}}}
              set = TensorListSetItem(written, t, h_next:z:0) {element_dtype=float}
              return t_next = t_sum:z:0
              return steps_next = steps
              return read_next = read
              return written_next = set:output_handle:0
              return h_out = h_next:z:0
              return c_out = c_next:z:0
              return wx_next = wx
              return wh_next = wh
              return b_next = b
              return masks_next = masks
            }
            """;
    }

    private const string Arguments =
        """
        input t {type=int32}
        input steps {type=int32}
        input read {type=variant}
        input written {type=variant}
        input h {type=float}
        input c {type=float}
        input wx {type=float}
        input wh {type=float}
        input b {type=float}
        input masks {type=variant}
        """;
}
