using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Tests;

public sealed class FreezeRequantizationRangesTests
{
    private const string Dynamic =
        """
        x = Placeholder() {dtype=qint32, shape=(4)}
        lo = Const() {dtype=float, value=float[]{-100}}
        hi = Const() {dtype=float, value=float[]{100}}
        r = RequantizationRange(x, lo, hi) {Tinput=qint32}
        y = Requantize(x, lo, hi, r, r:1) {Tinput=qint32, out_type=quint8}
        """;

    private static QuantizationTest Test(string log, TransformMode mode = TransformMode.Safe, float percentile = 5) =>
        new(new FreezeRequantizationRanges(), new FreezeRequantizationRanges.Options { MinMaxLogFile = "log", MinPercentile = percentile, MaxPercentile = percentile }) { File = log, Mode = mode };

    private static string Line(string min, string max) => $";r__print__;__requant_min_max:[{min}][{max}]\n";

    private static (float Min, float Max) Frozen(Graph graph) => (Value(graph, "r/frozen_min"), Value(graph, "r/frozen_max"));

    private static float Value(Graph graph, string constant) => graph.Find(constant)!.TensorAttribute("value")!.ToSingles()[0];

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 0, 1)]
    [InlineData(10, 1, 9)]
    [InlineData(20, 1, 19)]
    [InlineData(100, 5, 95)]
    public void Takes_the_percentiles_of_the_logged_ends(int lines, int min, int max)
    {
        string log = string.Concat(Enumerable.Range(0, lines).Select(i => Line($"{-lines + i}", $"{i + 1}")));
        Assert.Equal((-lines + min, max + 1), Frozen(Test(log).Run(Dynamic)));
    }

    [Fact]
    public void In_a_loop_the_constants_belong_to_the_loop()
    {
        Graph result = Test(Line("-1", "2")).Run(
            """
            a = Placeholder() {dtype=qint32, shape=(4)}
            x = Enter(a) {T=qint32, frame_name="f", is_constant=false, parallel_iterations=1}
            b = Const() {dtype=float, value=float[]{-100}}
            lo = Enter(b) {T=float, frame_name="f", is_constant=true, parallel_iterations=1}
            r = RequantizationRange(x, lo, lo) {Tinput=qint32}
            y = Requantize(x, lo, lo, r, r:1) {Tinput=qint32, out_type=quint8}
            """);
        Assert.Equal(["^x"], result.Find("r/frozen_min")!.Inputs.Select(input => input.Text));
        Assert.Equal(["^x"], result.Find("r/frozen_max")!.Inputs.Select(input => input.Text));
    }

    [Fact]
    public void The_least_upper_end_is_taken_into_the_constant()
    {
        Graph result = Test(Line("-3", "-1")).Run(Dynamic.Replace("r, r:1)", "r, m)", StringComparison.Ordinal) + "\nm = Maximum(r:1, least) {T=float}\nleast = Const() {dtype=float, value=float[]{0.5}}");
        Assert.Equal((-3, 0.5f), Frozen(result));
        Assert.Equal("r/frozen_max:0", result.Find("y")!.Inputs[4].Text);
    }

    [Fact]
    public void Readers_of_the_range_read_the_constants()
    {
        Graph result = Test(Line("-1", "2")).Run(Dynamic + "\nz = NoOp(^r)");
        Assert.Equal(["x", "lo", "hi", "r/frozen_min:0", "r/frozen_max:0"], result.Find("y")!.Inputs.Select(input => input.Text));
        Assert.Equal("^r/frozen_min", result.Find("z")!.Inputs[0].Text);
    }

    [Theory]
    [InlineData("nan", "1")]
    [InlineData("-1", "nan")]
    [InlineData("3", "-3")]
    public void A_range_that_is_none_is_an_error_that_names_the_node(string min, string max)
    {
        var error = Test(Line(min, max)).Fails(Dynamic);
        Assert.Equal((StatusKind.InvalidArgument, "r"), (error.Kind, error.Node));
        Test(Line(min, max), TransformMode.Verbatim).Run(Dynamic);
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("2", "2")]
    [InlineData("-inf", "inf")]
    [InlineData("0", "inf")]
    public void Empty_and_endless_ranges_give_a_graph_that_runs_or_refuses(string min, string max)
    {
        Graph result = Test(Line(min, max)).Run(Dynamic);
        Tensor quantized = Tensor.Create<int>(DataType.QInt32, TensorShape.Of(4), [0, 1, int.MinValue, int.MaxValue]);
        var (numbers, refusal) = QuantizationTest.Outcome(result, "y", ("x", quantized));
        Assert.True(refusal is StatusKind.InvalidArgument || numbers!.Length == 4);
    }

    [Fact]
    public void Lines_that_cannot_be_read_are_told_and_none_at_all_is_an_error()
    {
        var test = Test(Line("-1", "2") + Line("a", "b"));
        test.Run(Dynamic);
        Assert.Equal("TFX2041", Assert.Single(test.Context.Diagnostics).Id);
        Assert.Equal(StatusKind.InvalidArgument, Test(Line("a", "b")).Fails(Dynamic).Kind);
        Assert.Equal(StatusKind.InvalidArgument, Test("").Fails(Dynamic).Kind);
    }

    [Fact]
    public void Percentiles_that_leave_nothing_are_an_error() => Assert.Equal("r", Test(Line("-1", "2"), percentile: 200).Fails(Dynamic).Node);
}
