using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Text;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Conformance;

namespace TransformFramework.Onnx;

/// <summary>Products with matrices of 4 bits, written as MatMulNBits, run in ONNX Runtime and read again.</summary>
public sealed class FourBitProductTests
{
    private const double Tolerance = 2e-3;

    [Theory]
    [InlineData("MatMul", "transpose_b", "3,50", 2, 32, 50)]
    [InlineData("BatchMatMulV2", "adj_y", "2,3,64", 4, 16, 64)]
    public void A_matrix_of_4_bits_stays_one(string op, string transposes, string data, int groups, int group, int inputs)
    {
        var random = new Random(4);
        byte[] packed = new byte[10 * groups * group / 2];
        random.NextBytes(packed);
        string slice = groups * group == inputs ? "Identity(rows) {T=float}" : "Slice(rows, begin, size) {T=float, Index=int32}";
        Graph graph = GraphText.Parse($$"""
            x = Placeholder() {dtype=float, shape=({{data}})}
            packed = Const() {dtype=uint8, shape=(10,{{groups}},{{group / 2}})}
            half = Const() {dtype=uint8, value=uint8[]{15} }
            bits = Const() {dtype=uint8, value=uint8[]{4} }
            zero = Const() {dtype=float, value=float[]{8} }
            scales = Const() {dtype=float, shape=(10,{{groups}},1)}
            grouped_shape = Const() {dtype=int32, value=int32[3]{10, {{groups}}, {{group}} } }
            rows_shape = Const() {dtype=int32, value=int32[2]{10, {{groups * group}} } }
            begin = Const() {dtype=int32, value=int32[2]{0, 0} }
            size = Const() {dtype=int32, value=int32[2]{10, {{inputs}} } }
            low = BitwiseAnd(packed, half) {T=uint8}
            high = RightShift(packed, bits) {T=uint8}
            values = Pack(low, high) {T=uint8, N=2, axis=3}
            reals = Cast(values) {SrcT=uint8, DstT=float}
            centred = Sub(reals, zero) {T=float}
            grouped = Reshape(centred, grouped_shape) {T=float, Tshape=int32}
            scaled = Mul(grouped, scales) {T=float}
            rows = Reshape(scaled, rows_shape) {T=float, Tshape=int32}
            w = {{slice}}
            y = {{op}}(x, {{(groups * group == inputs ? "rows" : "w")}}) {T=float, {{transposes}}=true}
            """).Select(node => node.Name switch
        {
            "packed" => node.With("value", Tensor.FromContent(DataType.UInt8, TensorShape.Of(10, groups, group / 2), packed)),
            "scales" => node.With("value", FloatGraphTests.Numbers(TensorShape.Of(10, groups, 1), random)),
            _ => node,
        });
        TensorShape shape = TensorShape.Of([.. data.Split(',').Select(long.Parse)]);
        var feeds = new Dictionary<string, Tensor> { ["x"] = FloatGraphTests.Numbers(shape, random) };
        float[] expected = Run(graph, "y", feeds);
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".onnx");
        try
        {
            using (FileStream file = File.Create(path))
                new OnnxFormat().Write(graph, ["x"], ["y"], file, CancellationToken.None);
            byte[] bytes = File.ReadAllBytes(path);
            Assert.Contains("MatMulNBits", System.Text.Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
            AssertClose(expected, OnnxRun.Run(bytes, feeds)["y"].ToSingles());
            ModelContent read = ConformanceCase.Read(path);
            Assert.Contains(read.Graph.Nodes, node => node.Op == "RightShift");
            AssertClose(expected, Run(read.Graph, read.Signature!.Outputs[0].Tensor, feeds));
            using var again = new MemoryStream();
            new OnnxFormat().Write(read.Graph, ["x"], [read.Signature.Outputs[0].Tensor], again, CancellationToken.None);
            Assert.Contains("MatMulNBits", System.Text.Encoding.Latin1.GetString(again.ToArray()), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static float[] Run(Graph graph, string output, Dictionary<string, Tensor> feeds) => new CpuBackend().Compile(graph, [output], CompileOptions.Default).Run(feeds)[0].ToSingles();

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - (Tolerance * largest), pair.First + (Tolerance * largest)));
    }
}
