using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Execution;

/// <summary>Which input a Merge takes.</summary>
public sealed class MergeTests
{
    private const string Constant = "s = Switch(p, p) {T=bool}\nc = Const(^s) {dtype=bool, value=bool[]{false}}";
    private const string Computed = "b = Switch(p, p) {T=bool}\nn = LogicalAnd(b:1, b:1)";

    /// <summary>A control input on a Switch is alive whatever the branch, so both inputs are alive when the predicate is true.</summary>
    [Theory]
    [InlineData(Constant, Computed, "c, n")]
    [InlineData(Constant, Computed, "n, c")]
    [InlineData(Computed, Constant, "c, n")]
    [InlineData(Computed, Constant, "n, c")]
    public void Of_two_inputs_that_are_alive_the_constant_is_first(string first, string second, string inputs) =>
        Assert.False(Run($"{first}\n{second}\ny = Merge({inputs}) {{N=2, T=bool}}", predicate: true));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_two_branches_the_one_that_is_taken_comes_through(bool predicate) =>
        Assert.Equal(predicate, Run($"{Computed}\nm = LogicalOr(b, b)\ny = Merge(m, n) {{N=2, T=bool}}", predicate));

    private static bool Run(string graph, bool predicate)
    {
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["p"] = Tensor.Create<bool>(DataType.Bool, TensorShape.Scalar, [predicate]) };
        return new CpuBackend().Compile(GraphText.Parse("p = Placeholder() {dtype=bool, shape=()}\n" + graph), ["y"], CompileOptions.Default).Run(feeds)[0].AsSpan<bool>()[0];
    }
}
