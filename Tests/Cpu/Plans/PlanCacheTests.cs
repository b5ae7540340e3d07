using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

public sealed class PlanCacheTests
{
    private static readonly PlanCase Case = new("""
        x = Placeholder() {dtype=float, shape=(1,1,1,3)}
        w = Const() {dtype=float, shape=(1,1,3,4)}
        y = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME"}
        """, "y");

    [Fact]
    public void A_plan_is_found_again()
    {
        PlanCache plans = Case.Plans(long.MaxValue);
        PlanSession session = Find(plans, 1)!;
        Assert.NotSame(session, Find(plans, 2));
        Assert.Same(session, Find(plans, 1));
    }

    [Fact]
    public void Plans_beyond_the_limit_push_out_the_one_used_longest_ago()
    {
        PlanCache plans = Case.Plans(long.MaxValue);
        PlanSession[] sessions = [.. Enumerable.Range(1, PlanCache.MaxPlans).Select(width => Find(plans, width)!)];
        Assert.Same(sessions[0], Find(plans, 1));
        Find(plans, PlanCache.MaxPlans + 1);
        Assert.Same(sessions[0], Find(plans, 1));
        Assert.Same(sessions[2], Find(plans, 3));
        Assert.NotSame(sessions[1], Find(plans, 2));
    }

    [Fact]
    public void Arenas_beyond_the_budget_leave_a_few_plans()
    {
        PlanCache plans = Case.Plans(arenaBudget: 1);
        PlanSession[] sessions = [.. Enumerable.Range(1, PlanCache.MinPlans).Select(width => Find(plans, width)!)];
        for (int i = 0; i < sessions.Length; i++)
            Assert.Same(sessions[i], Find(plans, i + 1));
        Find(plans, PlanCache.MinPlans + 1);
        Assert.Same(sessions[^1], Find(plans, PlanCache.MinPlans));
        Assert.NotSame(sessions[0], Find(plans, 1));
    }

    [Fact]
    public void A_feed_that_is_missing_has_no_plan() => Assert.Null(Case.Plans(long.MaxValue).Find(new Dictionary<string, Tensor>()));

    private static PlanSession? Find(PlanCache plans, int width) => plans.Find(new Dictionary<string, Tensor> { ["x"] = PlanCase.Reals(TensorShape.Of(1, 1, width, 3), new(1)) });
}
