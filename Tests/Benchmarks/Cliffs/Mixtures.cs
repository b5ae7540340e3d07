using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Execution;
using TransformFramework.Generated;
using TransformFramework.Graphs;

namespace TransformFramework.Benchmarks.Cliffs;

/// <summary>Graphs that mix what is computed in different ways.</summary>
internal static class Mixtures
{
    /// <summary>An op as plugins declare one: a kernel that is given along copies its input.</summary>
    public const string PluginOp = "BenchmarkCopy";

    /// <summary>The same op undeclared.</summary>
    public const string UndeclaredOp = "BenchmarkUndeclaredCopy";

    private const int Channels = 64;
    private const int Side = 28;

    /// <summary>The ways in which a layer of a chain can be computed.</summary>
    public static readonly string[] Kinds = ["float", "static", "classic", "fake"];

    static Mixtures() => DeclaredOps.TryAdd(PluginOp, PluginOp + "(x: T) -> (y: T) {T: type {float} = float}");

    /// <summary>A network with another node after one of its middle layers.</summary>
    public static Graph WithNode(Graph graph, string op)
    {
        const string before = "conv_12/activation";
        var added = new Node("added", op, [before]).With("T", DataType.Float);
        ImmutableArray<Node> changed = [.. graph.Nodes.Select(node => node with { Inputs = [.. node.Inputs.Select(input => input.Node == before ? new NodeInput("added") : input)] })];
        return new(changed.Add(added));
    }

    /// <summary>One node, <c>y</c>, of its input <c>x</c>.</summary>
    public static Graph Alone(string op) => new([Placeholder(), new Node("y", op, ["x"]).With("T", DataType.Float)]);

    /// <summary>A chain of 3 × 3 convolutions with Relu, each computed in a way of its own, from <c>x</c> to <c>y</c>.</summary>
    public static Graph Chain(IReadOnlyList<string> kinds)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>();
        nodes.Add(Placeholder());
        nodes.Add(Node.Constant("zero", Tensor.Scalar(0f)));
        nodes.Add(Node.Constant("most", Tensor.Scalar(4f)));
        nodes.Add(Node.Constant("axes", Tensor.Create<int>(DataType.Int32, TensorShape.Of(4), [0, 1, 2, 3])));
        string last = "x";
        for (int i = 0; i < kinds.Count; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"layer{i}");
            nodes.AddRange(GraphText.Parse(Layer(kinds[i], name, last)).Nodes);
            nodes.Add(Weights(kinds[i], name));
            last = name;
        }
        nodes.Add(new Node("y", "Identity", [last]).With("T", DataType.Float));
        return new(nodes.ToImmutable());
    }

    /// <summary>Noise for <c>x</c>.</summary>
    public static Dictionary<string, Tensor> Feed(int side = Side) => new(StringComparer.Ordinal) { ["x"] = Noise(TensorShape.Of(1, side, side, Channels)) };

    /// <summary>Noise from 0 to 1.</summary>
    public static Tensor Noise(TensorShape shape)
    {
        var random = new Random(2);
        Tensor tensor = Tensor.Allocate<float>(DataType.Float, shape, out Span<float> values);
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextSingle();
        return tensor;
    }

    private static Node Placeholder() => new Node("x", "Placeholder").With("dtype", DataType.Float).With("shape", TensorShape.Of(1, -1, -1, Channels));

    private static Node Weights(string kind, string name)
    {
        Tensor reals = HashedWeights.Of(name, TensorShape.Of(3, 3, Channels, Channels));
        return Node.Constant($"{name}/w", kind switch
        {
            "static" => Tensor.FromContent(DataType.QInt8, reals.Shape, Array.ConvertAll(reals.ToSingles(), value => (byte)(sbyte)Math.Clamp(value * 500, -127, 127))),
            "classic" => Tensor.FromContent(DataType.QUInt8, reals.Shape, Array.ConvertAll(reals.ToSingles(), value => (byte)Math.Clamp(128 + (value * 500), 0, 255))),
            _ => reals,
        });
    }

    private static string Layer(string kind, string name, string input) => kind switch
    {
        "static" => $$"""
            {{name}}/q = QuantizeV2({{input}}, zero, most) {T=quint8, mode="SCALED", round_mode="HALF_TO_EVEN"}
            {{name}}/least = Const() {dtype=float, value=float[]{-0.25} }
            {{name}}/largest = Const() {dtype=float, value=float[]{0.25} }
            {{name}}/c = QuantizedConv2DAndReluAndRequantize({{name}}/q, {{name}}/w, zero, most, {{name}}/least, {{name}}/largest, zero, most) {Tinput=quint8, Tfilter=qint8, out_type=quint8, strides=[1,1,1,1], padding="SAME", dilations=[1,1,1,1]}
            {{name}} = Dequantize({{name}}/c, {{name}}/c:1, {{name}}/c:2) {T=quint8, mode="SCALED"}
            """,
        "classic" => $$"""
            {{name}}/min = Min({{input}}, axes) {T=float, Tidx=int32, keep_dims=false}
            {{name}}/max = Max({{input}}, axes) {T=float, Tidx=int32, keep_dims=false}
            {{name}}/q = QuantizeV2({{input}}, {{name}}/min, {{name}}/max) {T=quint8, mode="MIN_FIRST"}
            {{name}}/least = Const() {dtype=float, value=float[]{-0.25} }
            {{name}}/largest = Const() {dtype=float, value=float[]{0.25} }
            {{name}}/c = QuantizedConv2D({{name}}/q, {{name}}/w, {{name}}/q:1, {{name}}/q:2, {{name}}/least, {{name}}/largest) {Tinput=quint8, Tfilter=quint8, out_type=qint32, strides=[1,1,1,1], padding="SAME", dilations=[1,1,1,1]}
            {{name}}/r = RequantizationRange({{name}}/c, {{name}}/c:1, {{name}}/c:2) {Tinput=qint32}
            {{name}}/d = Requantize({{name}}/c, {{name}}/c:1, {{name}}/c:2, {{name}}/r, {{name}}/r:1) {Tinput=qint32, out_type=quint8}
            {{name}}/a = QuantizedRelu({{name}}/d, {{name}}/d:1, {{name}}/d:2) {Tinput=quint8, out_type=quint8}
            {{name}} = Dequantize({{name}}/a, {{name}}/a:1, {{name}}/a:2) {T=quint8, mode="MIN_FIRST"}
            """,
        "fake" => $$"""
            {{name}}/f = FakeQuantWithMinMaxVars({{input}}, zero, most) {num_bits=8, narrow_range=false}
            {{name}}/c = Conv2D({{name}}/f, {{name}}/w) {T=float, strides=[1,1,1,1], padding="SAME", data_format="NHWC", dilations=[1,1,1,1]}
            {{name}} = Relu({{name}}/c) {T=float}
            """,
        _ => $$"""
            {{name}}/c = Conv2D({{input}}, {{name}}/w) {T=float, strides=[1,1,1,1], padding="SAME", data_format="NHWC", dilations=[1,1,1,1]}
            {{name}} = Relu({{name}}/c) {T=float}
            """,
    };

    /// <summary>The kernel of <see cref="PluginOp"/>.</summary>
    internal sealed class Copy : IKernel
    {
        public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

        public Tensor[] Compute(KernelCall call) => [call.Inputs[0]];
    }
}
