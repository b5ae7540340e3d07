using TransformFramework.Cpu.Analysis;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Execution;

/// <summary>One execution of a loop frame within one iteration of its parent.</summary>
internal sealed class FrameRun(LoopFrame frame, FrameRun? parent, int parentIteration)
{
    private const int WorthShifting = 64;

    /// <summary>The iterations from <see cref="first"/> on; of them the first <see cref="freed"/> are null.</summary>
    private readonly List<IterationRun?> iterations = [];
    private int first;
    private int freed;

    public LoopFrame Frame { get; } = frame;

    public FrameRun? Parent { get; } = parent;

    public int ParentIteration { get; } = parentIteration;

    /// <summary>Nodes in the queue plus child frames that have not finished.</summary>
    public int Outstanding { get; private set; }

    /// <summary>Enter nodes that have run.</summary>
    public int Entered { get; set; }

    public Dictionary<(int Frame, int Iteration), FrameRun> Children { get; } = [];

    /// <summary>Values that are the same in every iteration, with the Enter node that brought them.</summary>
    public List<(AnalyzedNode Enter, Tensor? Value)> Invariants { get; } = [];

    public HashSet<int> FiredExits { get; } = [];

    public int IterationCount => first + iterations.Count;

    public IterationRun this[int iteration] => iterations[iteration - first]!;

    /// <summary>Counts a node or child frame that is under way in an iteration.</summary>
    public void Begin(int iteration)
    {
        Outstanding++;
        this[iteration].Outstanding++;
    }

    /// <summary>Counts one off, and frees the iterations that nothing can reach any more: nothing is under way in them nor in those before, and every Enter has run.</summary>
    public void End(int iteration)
    {
        Outstanding--;
        this[iteration].Outstanding--;
        while (Parent is not null && Entered == Frame.Entries && freed < iterations.Count && iterations[freed]!.Outstanding == 0)
            iterations[freed++] = null;
        if (freed < WorthShifting)
            return;
        iterations.RemoveRange(0, freed);
        first += freed;
        freed = 0;
    }

    public void AddIteration() => iterations.Add(new(Frame.Nodes.Count));
}

/// <summary>The waiting inputs of the nodes of one iteration.</summary>
internal sealed class IterationRun(int nodes)
{
    public readonly NodeRun?[] Nodes = new NodeRun?[nodes];

    /// <summary>Nodes in the queue plus child frames that have not finished.</summary>
    public int Outstanding;
}

/// <summary>What has arrived at one node.</summary>
internal sealed class NodeRun(int dataInputs, int pending)
{
    public readonly Tensor?[] Inputs = new Tensor?[dataInputs];

    /// <summary>Inputs that have not arrived; for Merge only the control inputs.</summary>
    public int Pending = pending;

    /// <summary>Dead inputs that have arrived.</summary>
    public int Dead;

    /// <summary>For Merge: the number of the input that came first, or -1.</summary>
    public int Taken = -1;

    public bool Started;
}
