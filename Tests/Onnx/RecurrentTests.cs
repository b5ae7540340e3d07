using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Text;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Model;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx;

/// <summary>Loops of recurrent cells are written as LSTM and GRU, others as Loop; both compute in ONNX Runtime what the graph does.</summary>
public sealed class RecurrentTests
{
    private const int Steps = 4;
    private const int Batch = 2;
    private const int Width = 3;

    /// <summary>A loop over the rows of x, [steps, batch, width], with two states; the cell is put into its body, and gives the nodes h and c.</summary>
    private const string Loop = """
        x = Placeholder() {dtype=float, shape=(4,2,3)}
        steps = Const() {dtype=int32, value=int32{4}}
        zero = Const() {dtype=int32, value=int32{0}}
        one = Const() {dtype=int32, value=int32{1}}
        range = Range(zero, steps, one) {Tidx=int32}
        h0 = Const() {dtype=float, shape=(2,5)}
        c0 = Const() {dtype=float, shape=(2,5)}
        read = TensorArrayV3(steps) {dtype=float, element_shape=(2,3), tensor_array_name="read"}
        scattered = TensorArrayScatterV3(read, range, x, read:1) {T=float}
        written = TensorArrayV3(steps) {dtype=float, element_shape=(2,5), tensor_array_name="written"}
        e0 = Enter(zero) {T=int32, frame_name="loop"}
        e1 = Enter(h0) {T=float, frame_name="loop"}
        e2 = Enter(c0) {T=float, frame_name="loop"}
        e3 = Enter(written:1) {T=float, frame_name="loop"}
        esteps = Enter(steps) {T=int32, frame_name="loop", is_constant=true}
        eread = Enter(read) {T=resource, frame_name="loop", is_constant=true}
        eflow = Enter(scattered) {T=float, frame_name="loop", is_constant=true}
        ewritten = Enter(written) {T=resource, frame_name="loop", is_constant=true}
        m0 = Merge(e0, n0) {T=int32, N=2}
        m1 = Merge(e1, n1) {T=float, N=2}
        m2 = Merge(e2, n2) {T=float, N=2}
        m3 = Merge(e3, n3) {T=float, N=2}
        less = Less(m0, esteps) {T=int32}
        cond = LoopCond(less)
        s0 = Switch(m0, cond) {T=int32}
        s1 = Switch(m1, cond) {T=float}
        s2 = Switch(m2, cond) {T=float}
        s3 = Switch(m3, cond) {T=float}
        i0 = Identity(s0:1) {T=int32}
        i1 = Identity(s1:1) {T=float}
        i2 = Identity(s2:1) {T=float}
        one_inside = Const(^i0) {dtype=int32, value=int32{1}}
        next = Add(i0, one_inside) {T=int32}
        row = TensorArrayReadV3(eread, i0, eflow) {dtype=float}
        add = TensorArrayWriteV3(ewritten, i0, h, s3:1) {T=float}
        n0 = NextIteration(next) {T=int32}
        n1 = NextIteration(h) {T=float}
        n2 = NextIteration(c) {T=float}
        n3 = NextIteration(add) {T=float}
        x1 = Exit(s1) {T=float}
        x2 = Exit(s2) {T=float}
        x3 = Exit(s3) {T=float}
        all = TensorArrayGatherV3(written, range, x3) {dtype=float, element_shape=(2,5)}
        last = Identity(x1) {T=float}
        axis = Const(^i0) {dtype=int32, value=int32{1}}
        unit = Const(^i0) {dtype=float, value=float{1}}

        """;

    private const string Lstm = """
        w = Const() {dtype=float, shape=(8,20)}
        b = Const() {dtype=float, shape=(20)}
        ew = Enter(w) {T=float, frame_name="loop", is_constant=true}
        eb = Enter(b) {T=float, frame_name="loop", is_constant=true}
        joined = ConcatV2(row, i1, axis) {T=float, N=2}
        product = MatMul(joined, ew) {T=float}
        gates = BiasAdd(product, eb) {T=float}
        split = Split(axis, gates) {T=float, num_split=4}
        forget = Add(split:2, unit) {T=float}
        f = Sigmoid(forget) {T=float}
        kept = Mul(i2, f) {T=float}
        i = Sigmoid(split) {T=float}
        g = Tanh(split:1) {T=float}
        new = Mul(i, g) {T=float}
        c = Add(kept, new) {T=float}
        t = Tanh(c) {T=float}
        o = Sigmoid(split:3) {T=float}
        h = Mul(t, o) {T=float}
        """;

    /// <summary>A GRU that resets before the product with its matrix; c counts along as a second GRU behind it.</summary>
    private const string StackedGru = """
        w = Const() {dtype=float, shape=(8,10)}
        v = Const() {dtype=float, shape=(8,5)}
        w2 = Const() {dtype=float, shape=(10,10)}
        v2 = Const() {dtype=float, shape=(10,5)}
        ew = Enter(w) {T=float, frame_name="loop", is_constant=true}
        ev = Enter(v) {T=float, frame_name="loop", is_constant=true}
        ew2 = Enter(w2) {T=float, frame_name="loop", is_constant=true}
        ev2 = Enter(v2) {T=float, frame_name="loop", is_constant=true}
        joined = ConcatV2(row, i2, axis) {T=float, N=2}
        product = MatMul(joined, ew) {T=float}
        gates = Sigmoid(product) {T=float}
        split = Split(axis, gates) {T=float, num_split=2}
        reset = Mul(split, i2) {T=float}
        joined2 = ConcatV2(row, reset, axis) {T=float, N=2}
        product2 = MatMul(joined2, ev) {T=float}
        candidate = Tanh(product2) {T=float}
        kept = Mul(split:1, i2) {T=float}
        rest = Sub(unit, split:1) {T=float}
        new = Mul(rest, candidate) {T=float}
        c = Add(kept, new) {T=float}
        joined3 = ConcatV2(c, i1, axis) {T=float, N=2}
        product3 = MatMul(joined3, ew2) {T=float}
        gates2 = Sigmoid(product3) {T=float}
        split2 = Split(axis, gates2) {T=float, num_split=2}
        reset2 = Mul(split2, i1) {T=float}
        joined4 = ConcatV2(c, reset2, axis) {T=float, N=2}
        product4 = MatMul(joined4, ev2) {T=float}
        candidate2 = Tanh(product4) {T=float}
        kept2 = Mul(split2:1, i1) {T=float}
        rest2 = Sub(unit, split2:1) {T=float}
        new2 = Mul(rest2, candidate2) {T=float}
        h = Add(kept2, new2) {T=float}
        """;

    /// <summary>A GRU that resets behind the product, as Keras has it.</summary>
    private const string GruBehind = """
        w = Const() {dtype=float, shape=(3,15)}
        v = Const() {dtype=float, shape=(5,15)}
        b = Const() {dtype=float, shape=(15)}
        d = Const() {dtype=float, shape=(15)}
        ew = Enter(w) {T=float, frame_name="loop", is_constant=true}
        ev = Enter(v) {T=float, frame_name="loop", is_constant=true}
        eb = Enter(b) {T=float, frame_name="loop", is_constant=true}
        ed = Enter(d) {T=float, frame_name="loop", is_constant=true}
        c = Identity(i2) {T=float}
        product = MatMul(row, ew) {T=float}
        given = BiasAdd(product, eb) {T=float}
        product2 = MatMul(i1, ev) {T=float}
        before = BiasAdd(product2, ed) {T=float}
        a = Split(axis, given) {T=float, num_split=3}
        r = Split(axis, before) {T=float, num_split=3}
        sum = AddV2(a, r) {T=float}
        z = Sigmoid(sum) {T=float}
        sum2 = AddV2(a:1, r:1) {T=float}
        reset = Sigmoid(sum2) {T=float}
        part = Mul(reset, r:2) {T=float}
        sum3 = AddV2(a:2, part) {T=float}
        candidate = Tanh(sum3) {T=float}
        kept = Mul(z, i1) {T=float}
        rest = Sub(unit, z) {T=float}
        new = Mul(rest, candidate) {T=float}
        h = AddV2(kept, new) {T=float}
        """;

    /// <summary>The forget gate reads the memory: no LSTM of ONNX without peepholes.</summary>
    private static readonly string Peephole = Lstm.Replace("forget = Add(split:2, unit)", "forget = Add(split:2, i2)", StringComparison.Ordinal);

    public static TheoryData<string, string[]> Cells => new()
    {
        { Lstm, ["LSTM"] },
        { StackedGru, ["GRU", "GRU"] },
        { GruBehind, ["GRU"] },
        { Peephole, ["Loop"] },
    };

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_loop_of_cells_is_written_as_one_node_a_cell(string cell, string[] expected)
    {
        var random = new Random(7);
        Graph graph = GraphText.Parse(Loop + cell).Select(node => node.Op == "Const" && node.TensorAttribute("value") is null ? node.With("value", Numbers(((ShapeValue)node.Attributes["shape"]).Value, random)) : node);
        var feeds = new Dictionary<string, Tensor> { ["x"] = Numbers(TensorShape.Of(Steps, Batch, Width), random) };
        string[] outputs = ["last", "all"];
        OnnxModel model = ModelWriter.Write(new ModelContent(graph), ["x"], outputs, Opsets.Default, channelsFirst: false, CancellationToken.None);
        Assert.Equal(expected, model.Graph.Nodes.Select(node => node.Op).Where(op => op is "Loop" or "LSTM" or "GRU"));
        var results = OnnxRun.Run(graph, feeds, outputs);
        var wanted = new CpuBackend().Compile(graph, outputs, CompileOptions.Default).Run(feeds);
        for (int i = 0; i < outputs.Length; i++)
        {
            Assert.Equal(wanted[i].Shape, results[outputs[i]].Shape);
            Assert.All(wanted[i].AsSpan<float>().ToArray().Zip(results[outputs[i]].AsSpan<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    private static Tensor Numbers(TensorShape shape, Random random) =>
        Tensor.Create<float>(DataType.Float, shape, [.. Enumerable.Range(0, (int)shape.Dimensions.Aggregate(1L, (product, dimension) => product * dimension)).Select(_ => (random.NextSingle() * 2) - 1)]);
}
