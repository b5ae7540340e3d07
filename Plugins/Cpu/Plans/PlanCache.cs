using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>The plans of a graph, one for each combination of types and shapes that was fed lately.</summary>
internal sealed class PlanCache(GraphAnalysis analysis, CompileOptions options)
{
    private const int MostPlans = 8;

    private readonly FeedSlot[] slots = FeedSignature.Slots(analysis);
    private readonly WeightCache weights = new();
    private readonly Lock compiling = new();
    private readonly int threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
    private volatile Entry[] entries = [];

    /// <summary>The plan for a run's feeds, compiled when there is none yet; null when the graph cannot be planned for them. Finding one again allocates nothing.</summary>
    public PlanSession? Find(IReadOnlyDictionary<string, Tensor> feeds)
    {
        foreach (Entry entry in entries)
        {
            if (entry.Feeds.Fits(feeds))
                return entry.Session;
        }
        return FeedSignature.Of(slots, feeds) is { } signature ? Compile(signature, feeds) : null;
    }

    /// <summary>Gives up a plan that does not fit its own feeds.</summary>
    public void Discard(PlanSession session)
    {
        lock (compiling)
            entries = [.. entries.Select(entry => entry.Session == session ? entry with { Session = null } : entry)];
    }

    private PlanSession? Compile(FeedSignature signature, IReadOnlyDictionary<string, Tensor> feeds)
    {
        lock (compiling)
        {
            if (entries.FirstOrDefault(entry => entry.Feeds.Fits(feeds)) is { } known)
                return known.Session;
            ExecutionPlan? plan = PlanCompiler.Compile(analysis, slots, signature, MicrokernelCatalog.Selected, threads, weights);
            PlanSession? session = plan is null ? null : new(plan, threads);
            entries = [new(signature, session), .. entries.Take(MostPlans - 1)];
            return session;
        }
    }

    private sealed record Entry(FeedSignature Feeds, PlanSession? Session);
}
