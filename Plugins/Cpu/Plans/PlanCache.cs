using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>The plans of a graph, one for each combination of types and shapes that was fed lately.</summary>
/// <param name="analysis">The graph.</param>
/// <param name="options">Choices of each plan.</param>
/// <param name="arenaBudget">Bytes of arenas beyond which plans that were not used lately are given up, all but <see cref="MinPlans"/>.</param>
internal sealed class PlanCache(GraphAnalysis analysis, CompileOptions options, long arenaBudget = PlanCache.DefaultArenaBudget)
{
    public const int MaxPlans = 256;
    public const int MinPlans = 4;
    private const long DefaultArenaBudget = 1L << 30;

    private readonly FeedSlot[] slots = FeedSignature.Slots(analysis);
    private readonly WeightCache weights = new();
    private readonly Lock compiling = new();
    private readonly PlanOptions planOptions = PlanOptions.Of(options);
    private volatile Entry[] entries = [];
    private long uses;

    /// <summary>The plan for a run's feeds, compiled when there is none yet; null when the graph cannot be planned for them. Finding one again allocates nothing.</summary>
    public PlanSession? Find(IReadOnlyDictionary<string, Tensor> feeds)
    {
        foreach (Entry entry in entries)
        {
            if (!entry.Feeds.Fits(feeds))
                continue;
            entry.LastUse = Interlocked.Increment(ref uses);
            return entry.Session;
        }
        return FeedSignature.Of(slots, feeds) is { } signature ? Compile(signature, feeds) : null;
    }

    private PlanSession? Compile(FeedSignature signature, IReadOnlyDictionary<string, Tensor> feeds)
    {
        lock (compiling)
        {
            if (entries.FirstOrDefault(entry => entry.Feeds.Fits(feeds)) is { } known)
                return known.Session;
            ExecutionPlan? plan = PlanCompiler.Compile(analysis, slots, signature, MicrokernelCatalog.Selected, planOptions, weights);
            weights.Trim();
            PlanSession? session = plan is null ? null : new(plan, planOptions.Threads);
            entries = Keep(new(signature, session) { LastUse = Interlocked.Increment(ref uses) });
            return session;
        }
    }

    /// <summary>A new plan and those used lately, as many as the budget holds.</summary>
    private Entry[] Keep(Entry added)
    {
        var kept = new List<Entry> { added };
        long bytes = added.ArenaBytes;
        Entry[] lately = [.. entries];
        Array.Sort(lately, (left, right) => right.LastUse.CompareTo(left.LastUse));
        foreach (Entry entry in lately)
        {
            bytes += entry.ArenaBytes;
            if (kept.Count >= MaxPlans || (bytes > arenaBudget && kept.Count >= MinPlans))
                break;
            kept.Add(entry);
        }
        return [.. kept];
    }

    private sealed class Entry(FeedSignature feeds, PlanSession? session)
    {
        public FeedSignature Feeds => feeds;

        public PlanSession? Session => session;

        public long ArenaBytes => session?.Plan.ArenaBytes ?? 0;

        /// <summary>Number of the use that found the plan last.</summary>
        public long LastUse { get; set; }
    }
}
