using TransformFramework.Cpu.Plans.Operators.WideProducts;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Plans of products of 16-bit data by 8-bit weights: the same bits with every kernel set, within rounding of what the reference kernels compute in float.</summary>
public sealed class WideProductPlanTests
{
    private const string Data = """
        low = Const() {dtype=float, value=float[]{-1.3}}
        high = Const() {dtype=float, value=float[]{1.3}}
        q = QuantizeV2(x, low, high) {T=qint16, mode="SCALED", round_mode="HALF_TO_EVEN", narrow_range=true}
        d = Dequantize(q, low, high) {T=qint16, mode="SCALED"}
        ends = Abs(given) {T=float}
        starts = Neg(ends) {T=float}
        f = Dequantize(w, starts, ends) {T=qint8, mode="SCALED", axis=AXIS}

        """;

    private static readonly Dictionary<string, PlanCase> Cases = new(StringComparer.Ordinal)
    {
        ["convolution of few channels"] = new(Convolution("(2,9,8,3)", "(3,3,3,37)", 37, "strides=[1,2,2,1], padding=\"SAME\"") + After(37, "Relu6"), "y"),
        ["convolution of many channels"] = new(Convolution("(1,6,7,33)", "(3,2,33,70)", 70, "strides=[1,1,1,1], padding=\"SAME\"") + After(70, "Relu"), "y"),
        ["dilated convolution"] = new(Convolution("(1,9,9,20)", "(3,3,20,5)", 5, "strides=[1,1,1,1], padding=\"SAME\", dilations=[1,2,2,1]") + "y = Identity(c) {T=float}", "y"),
        ["convolution of one pixel"] = new(Convolution("(2,5,5,24)", "(1,1,24,17)", 17, "strides=[1,1,1,1], padding=\"VALID\"") + After(17, "Relu"), "y"),
        ["accumulators of more than 32 bits"] = new(Convolution("(1,3,3,1700)", "(1,1,1700,9)", 9, "strides=[1,1,1,1], padding=\"VALID\"") + After(9, "Relu"), "y"),
        ["accumulators of more than 32 bits over windows"] = new(Convolution("(1,4,5,400)", "(3,3,400,9)", 9, "strides=[1,1,1,1], padding=\"SAME\"") + After(9, "Relu"), "y"),
        ["data that is read twice"] = new(Convolution("(1,5,5,24)", "(1,1,24,24)", 24, "strides=[1,1,1,1], padding=\"VALID\"") + "y = AddV2(c, d) {T=float}", "y"),
        ["depthwise convolution"] = new(Depthwise("(2,9,8,21)", "(3,3,21,1)", 21, "strides=[1,1,1,1], padding=\"SAME\"") + After(21, "Relu6"), "y"),
        ["strided depthwise convolution"] = new(Depthwise("(1,9,9,16)", "(5,5,16,1)", 16, "strides=[1,2,2,1], padding=\"VALID\"") + After(16, "Relu"), "y"),
        ["matrix product"] = new(MatMul("(19,11)", "(7,19)", 11, 1, "false") + After(11, "Relu"), "y"),
        ["transposed matrix product"] = new(MatMul("(11,19)", "(7,19)", 11, 0, "true") + After(11, "Relu"), "y"),
    };

    public static TheoryData<string, string> CasesAndSets() => PlanCases.WithSets(Cases.Keys);

    [SkippableTheory]
    [MemberData(nameof(CasesAndSets))]
    public void All_kernel_sets_give_the_same_bits(string name, string set)
    {
        PlanCase graph = Cases[name];
        Assert.Equal(graph.Run(graph.Plan("scalar")!)[0].Bytes.ToArray(), graph.Run(graph.Plan(set)!)[0].Bytes.ToArray());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Results_are_those_of_the_float_graph(string name)
    {
        PlanCase graph = Cases[name];
        float[] expected = graph.Reference()[0].ToSingles();
        float[] actual = graph.Run(graph.Plan("scalar")!)[0].ToSingles();
        float largest = expected.Max(Math.Abs);
        Assert.True(largest > 0);
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - (2e-5f * largest), pair.First + (2e-5f * largest)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Products_are_computed_in_integers(string name)
    {
        ExecutionPlan plan = Cases[name].Plan("scalar")!;
        Assert.DoesNotContain(plan.Operators, op => op is ReferenceOperator { Node.Op: "Conv2D" or "MatMul" or "DepthwiseConv2dNative" });
        Assert.Contains(plan.Operators, op => op is WideGemmOperator or WideDepthwiseOperator);
        Assert.Equal(name.StartsWith("accumulators", StringComparison.Ordinal), plan.Operators.Count(op => op is WideGemmOperator) > 1);
    }

    public static TheoryData<string> Names() => [.. Cases.Keys];

    private static string Inputs(string data, string weights, int channels, int axis) =>
        $"x = Placeholder() {{dtype=float, shape={data}}}\nw = Const() {{dtype=qint8, shape={weights}}}\ngiven = Const() {{dtype=float, shape=({channels})}}\n{Data.Replace("AXIS", $"{axis}", StringComparison.Ordinal)}";

    private static string Convolution(string data, string weights, int channels, string window) => Inputs(data, weights, channels, 3) + $"c = Conv2D(d, f) {{T=float, {window}}}\n";

    private static string Depthwise(string data, string weights, int channels, string window) => Inputs(data, weights, channels, 2) + $"c = DepthwiseConv2dNative(d, f) {{T=float, {window}}}\n";

    private static string MatMul(string weights, string data, int channels, int axis, string transposes) => Inputs(data, weights, channels, axis) + $"c = MatMul(d, f) {{T=float, transpose_b={transposes}}}\n";

    private static string After(int channels, string activation) => $"b = Const() {{dtype=float, shape=({channels})}}\na = BiasAdd(c, b) {{T=float}}\ny = {activation}(a) {{T=float}}\n";
}
