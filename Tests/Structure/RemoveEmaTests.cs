namespace TransformFramework.Structure.Tests;

public sealed class RemoveEmaTests
{
    [Fact]
    public void Puts_the_constants_in_place_of_the_averages()
    {
        string result = new TransformTest(new RemoveEma()).Run(Trained);
        Assert.Contains("q = FakeQuantWithMinMaxVars(x:1, lo, hi) {narrow_range=false, num_bits=8}", result, StringComparison.Ordinal);
        Assert.DoesNotContain("Assign", result, StringComparison.Ordinal);
    }

    private const string Trained =
        """
        x = Split()
        lo = Const()
        hi = Const()
        start = Const()
        delta = Const()
        rank = Rank(x)
        axes = Range(start, rank, delta)
        min = Min(x, axes)
        max = Max(x, axes)
        initlo = IsVariableInitialized(lo)
        inithi = IsVariableInitialized(hi)
        swlo = Switch(min, initlo)
        swhi = Switch(max, inithi)
        one1 = Const()
        decay1 = Const()
        comp1 = Sub(one1, decay1)
        diff1 = Sub(lo, swlo:1)
        upd1 = Mul(diff1, comp1)
        dead1 = Const()
        ema1 = Sub(dead1, upd1)
        merge1 = Merge(swlo, ema1)
        assign1 = Assign(lo, merge1)
        one2 = Const()
        decay2 = Const()
        comp2 = Sub(one2, decay2)
        diff2 = Sub(hi, swhi:1)
        upd2 = Mul(diff2, comp2)
        dead2 = Const()
        ema2 = Sub(dead2, upd2)
        merge2 = Merge(swhi, ema2)
        assign2 = Assign(hi, merge2)
        q = FakeQuantWithMinMaxVars(x:1, assign1, assign2) {narrow_range=false, num_bits=8}
        """;
}
