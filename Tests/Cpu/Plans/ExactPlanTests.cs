using TransformFramework.Cpu.Plans.Operators.Conv2D;

namespace TransformFramework.Cpu.Plans;

/// <summary>Float layers of graphs in which real values become quantized values by ranges of the run or by fake quantization: fast, with the bits of the reference kernels.</summary>
public sealed class ExactPlanTests
{
    private const string Head = """
        x = Placeholder() {dtype=float, shape=(2,7,9,20)}
        least = Const() {dtype=float, value=float[]{-0.5} }
        most = Const() {dtype=float, value=float[]{1} }
        q = FakeQuantWithMinMaxVars(x, least, most) {num_bits=8, narrow_range=false}

        """;

    private static readonly Dictionary<string, PlanCase> Cases = new(StringComparer.Ordinal)
    {
        ["one block"] = new(Head + """
            w = Const() {dtype=float, shape=(1,1,20,37)}
            y = Conv2D(q, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            """, "y"),
        ["padding, stride, bias, relu"] = new(Head + """
            w = Const() {dtype=float, shape=(3,3,20,37)}
            b = Const() {dtype=float, shape=(37)}
            c = Conv2D(q, w) {T=float, strides=[1,2,2,1], padding="SAME"}
            a = BiasAdd(c, b) {T=float}
            y = Relu(a) {T=float}
            """, "y", "c"),
        ["several blocks of the inner dimension"] = new(Head + """
            w = Const() {dtype=float, shape=(5,7,20,70)}
            v = Const() {dtype=float, shape=(3,3,70,9)}
            c = Conv2D(q, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            r = Relu6(c) {T=float}
            y = Conv2D(r, v) {T=float, strides=[1,1,1,1], padding="VALID"}
            """, "y"),
        ["padding before, dilation, addition"] = new(Head + """
            p = Const() {dtype=int32, value=int32[4,2]{0, 0, 2, 1, 1, 2, 0, 0} }
            w = Const() {dtype=float, shape=(3,3,20,20)}
            two = Const() {dtype=float, shape=(20)}
            padded = Pad(q, p) {T=float, Tpaddings=int32}
            c = Conv2D(padded, w) {T=float, strides=[1,1,1,1], padding="SAME", dilations=[1,2,2,1]}
            d = Conv2D(padded, w) {T=float, strides=[1,1,1,1], padding="SAME"}
            s = AddV2(c, d) {T=float}
            m = Mul(s, two) {T=float}
            y = Sub(two, m) {T=float}
            """, "y"),
        ["depthwise, stride, bias, relu6"] = new(Head + """
            w = Const() {dtype=float, shape=(3,3,20,1)}
            v = Const() {dtype=float, shape=(1,1,20,40)}
            b = Const() {dtype=float, shape=(20)}
            d = DepthwiseConv2dNative(q, w) {T=float, strides=[1,2,2,1], padding="SAME", data_format="NHWC", dilations=[1,1,1,1]}
            a = BiasAdd(d, b) {T=float}
            r = Relu6(a) {T=float}
            y = Conv2D(r, v) {T=float, strides=[1,1,1,1], padding="SAME"}
            """, "y", "d"),
        ["many rows"] = new("""
            x = Placeholder() {dtype=float, shape=(1,61,60,3)}
            least = Const() {dtype=float, value=float[]{-0.5} }
            most = Const() {dtype=float, value=float[]{1} }
            q = FakeQuantWithMinMaxVars(x, least, most) {num_bits=8, narrow_range=false}
            w = Const() {dtype=float, shape=(7,7,3,64)}
            y = Conv2D(q, w) {T=float, strides=[1,2,2,1], padding="SAME"}
            """, "y"),
    };

    public static TheoryData<string, string> CasesAndSets() => PlanCases.WithSets(Cases.Keys);

    [SkippableTheory]
    [MemberData(nameof(CasesAndSets))]
    public void A_plan_has_the_bits_of_the_reference_kernels(string name, string set)
    {
        PlanCase graph = Cases[name];
        ExecutionPlan plan = graph.Plan(set)!;
        Assert.Contains(plan.Operators, op => op is ExactConv2DOperator);
        Assert.DoesNotContain(plan.Operators, op => op is ReferenceOperator && !op.Node.Op.StartsWith("FakeQuant", StringComparison.Ordinal));
        Assert.All(graph.Run(plan).Zip(graph.Reference()), pair => Assert.True(pair.First.ContentEquals(pair.Second), $"{name} with {set}"));
    }
}
