using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Cpu.Analysis.Scans;

/// <summary>What a variable of a loop is to its iterations.</summary>
internal enum LoopVariableKind
{
    /// <summary>Not changed by any iteration.</summary>
    Invariant,

    /// <summary>A list that is not changed and of which each iteration reads the element of its number.</summary>
    Sequence,

    /// <summary>A scalar that each iteration increments by one.</summary>
    Counter,

    /// <summary>A list to which each iteration adds one element, at its end or at the place of its number.</summary>
    Stack,

    /// <summary>Computed by each iteration from the iteration before.</summary>
    State,
}

/// <summary>A variable of a loop.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Next">Node of the body that computes the state after an iteration, or the element that it adds to the list.</param>
/// <param name="IsPushed">True for a list that grows at its end.</param>
internal sealed record LoopVariable(LoopVariableKind Kind, TensorSource Next, bool IsPushed = false);

/// <summary>
/// The structure of a loop that goes through sequences: a counter from 0 to a limit, lists or tensors read at the counter, lists written at the counter, states. This is how frameworks write recurrent
/// layers: <c>keras.backend.rnn</c>, and our readers of recurrent ops of other formats.
/// </summary>
internal sealed class ScanLoop
{
    private readonly TensorSource[][] inputs;
    private readonly Dictionary<int, int> arguments;

    private ScanLoop(GraphAnalysis body, TensorSource[][] inputs, Dictionary<int, int> arguments)
    {
        Body = body;
        this.inputs = inputs;
        this.arguments = arguments;
    }

    /// <summary>The graph of an iteration.</summary>
    public GraphAnalysis Body { get; }

    public ImmutableArray<LoopVariable> Variables { get; private set; } = [];

    /// <summary>For each test of the condition the counter and its limit: a variable, or a constant.</summary>
    public ImmutableArray<(int Counter, int LimitVariable, Tensor? Limit)> Bounds { get; private set; } = [];

    /// <summary>For nodes of the body that read the element of a sequence at the counter: the sequence and the counter.</summary>
    public IReadOnlyDictionary<int, (int Sequence, int Counter)> Elements { get; private set; } = ImmutableDictionary<int, (int, int)>.Empty;

    /// <summary>The counters at which lists are written.</summary>
    public ImmutableArray<int> WrittenAt { get; private set; } = [];

    /// <summary>The structure of a loop, or null when it is another.</summary>
    /// <param name="condition">The graph of the condition.</param>
    /// <param name="body">The graph of an iteration.</param>
    /// <param name="names">Names under which both are fed the variables.</param>
    public static ScanLoop? Of(GraphAnalysis condition, GraphAnalysis body, IReadOnlyList<string> names)
    {
        bool isPlain = !condition.HasControlFlow && !body.HasControlFlow && body.Nodes.All(IsPure) && condition.Nodes.All(IsPure) && body.Nodes.Any(IsProduct);
        if (!isPlain || body.OutputSources.Length != names.Count)
            return null;
        var loop = new ScanLoop(body, NodeInputs.Of(body), Arguments(body, names));
        return loop.Classify() && loop.FindBounds(condition, names) && loop.FindElements() ? loop : null;
    }

    /// <summary>Where the data inputs of a node of the body come from.</summary>
    public ReadOnlySpan<TensorSource> Inputs(AnalyzedNode node) => inputs[node.Index];

    /// <summary>The variable that a tensor of the body is, or -1.</summary>
    public int VariableOf(TensorSource source) => arguments.GetValueOrDefault(Resolve(Body, inputs, source).Node, -1);

    private static bool IsProduct(AnalyzedNode node) => RegionContraction.IsGemm(node) || node.Node.Op == "UniformQuantizedDotHybrid";

    private static bool IsPure(AnalyzedNode node) => node.Kind != NodeKind.Kernel || OpTable.Find(node.Node.Op) is { IsStateful: false };

    private static Dictionary<int, int> Arguments(GraphAnalysis graph, IReadOnlyList<string> names)
    {
        var places = names.Select((name, i) => (name, i)).ToDictionary(pair => NodeInput.Data(pair.name).Canonical, pair => pair.i, StringComparer.Ordinal);
        return graph.Nodes.Where(node => node.FeedName is { } name && places.ContainsKey(name)).ToDictionary(node => node.Index, node => places[node.FeedName!]);
    }

    private static TensorSource Resolve(GraphAnalysis graph, TensorSource[][] inputs, TensorSource source)
    {
        while (graph.Nodes[source.Node] is { Kind: NodeKind.Kernel, Node.Op: "Identity" })
            source = inputs[source.Node][0];
        return source;
    }

    private bool Classify()
    {
        var variables = new LoopVariable[Body.OutputSources.Length];
        var writtenAt = new List<int>();
        for (int i = 0; i < variables.Length; i++)
        {
            TensorSource next = Resolve(Body, inputs, Body.OutputSources[i]);
            AnalyzedNode node = Body.Nodes[next.Node];
            if (VariableOf(next) == i)
                variables[i] = new(LoopVariableKind.Invariant, next);
            else if (node.Node.Op is "TensorListPushBack" or "TensorListSetItem" && VariableOf(inputs[next.Node][0]) == i)
                variables[i] = Written(node, writtenAt);
            else
                variables[i] = new(IsIncrement(node, i) ? LoopVariableKind.Counter : LoopVariableKind.State, next);
        }
        Variables = [.. variables];
        WrittenAt = [.. writtenAt.Distinct()];
        return WrittenAt.All(IsCounter);
    }

    private LoopVariable Written(AnalyzedNode node, List<int> writtenAt)
    {
        if (node.Node.Op == "TensorListPushBack")
            return new(LoopVariableKind.Stack, inputs[node.Index][1], IsPushed: true);
        writtenAt.Add(VariableOf(inputs[node.Index][1]));
        return new(LoopVariableKind.Stack, inputs[node.Index][2]);
    }

    private bool IsCounter(int variable) => variable >= 0 && Variables[variable].Kind == LoopVariableKind.Counter;

    private bool IsIncrement(AnalyzedNode node, int variable)
    {
        if (node.Node.Op is not ("Add" or "AddV2"))
            return false;
        TensorSource[] terms = [.. inputs[node.Index].Select(source => Resolve(Body, inputs, source))];
        return terms.Any(term => VariableOf(term) == variable) && terms.Any(term => Body.Nodes[term.Node].Constant is { } step && IsOne(step));
    }

    private static bool IsOne(Tensor step) => step is { ElementCount: 1, Type: DataType.Int32 or DataType.Int64 } && Integers.Read(step)[0] == 1;

    private bool FindBounds(GraphAnalysis condition, IReadOnlyList<string> names)
    {
        TensorSource[][] sources = NodeInputs.Of(condition);
        Dictionary<int, int> places = Arguments(condition, names);
        var bounds = ImmutableArray.CreateBuilder<(int, int, Tensor?)>();
        var open = new Stack<TensorSource>([condition.OutputSources[0]]);
        while (open.TryPop(out TensorSource? source))
        {
            AnalyzedNode test = condition.Nodes[Resolve(condition, sources, source).Node];
            if (test.Node.Op is not ("LogicalAnd" or "Less"))
                return false;
            TensorSource[] sides = [.. sources[test.Index].Select(side => Resolve(condition, sources, side))];
            if (test.Node.Op == "LogicalAnd")
            {
                Array.ForEach(sides, open.Push);
                continue;
            }
            int counter = places.GetValueOrDefault(sides[0].Node, -1);
            int limit = places.GetValueOrDefault(sides[1].Node, -1);
            Tensor? constant = condition.Nodes[sides[1].Node].Constant;
            if (!IsCounter(counter) || (constant is null && (limit < 0 || Variables[limit].Kind != LoopVariableKind.Invariant)))
                return false;
            bounds.Add((counter, limit, constant));
        }
        Bounds = bounds.ToImmutable();
        return true;
    }

    /// <summary>Finds reads at a counter; false when a list is read in another way.</summary>
    private bool FindElements()
    {
        var elements = new Dictionary<int, (int, int)>();
        foreach (AnalyzedNode node in Body.Nodes)
        {
            bool isList = node.Node.Op == "TensorListGetItem";
            if (!isList && node.Node.Op is not ("GatherV2" or "Gather"))
                continue;
            ReadOnlySpan<TensorSource> read = Inputs(node);
            (int sequence, int counter) = (VariableOf(read[0]), VariableOf(read[1]));
            bool fits = sequence >= 0 && IsCounter(counter) && Variables[sequence].Kind is LoopVariableKind.Invariant or LoopVariableKind.Sequence && (isList || IsAlongRows(node));
            if (!fits && isList)
                return false;
            if (!fits)
                continue;
            elements.Add(node.Index, (sequence, counter));
            if (isList)
                Variables = Variables.SetItem(sequence, Variables[sequence] with { Kind = LoopVariableKind.Sequence });
        }
        Elements = elements;
        return true;
    }

    private bool IsAlongRows(AnalyzedNode gather)
    {
        bool isFirst = gather.DataInputs < 3 || (Body.Nodes[Resolve(Body, inputs, inputs[gather.Index][2]).Node].Constant is { ElementCount: 1 } axis && Integers.Read(axis)[0] == 0);
        return isFirst && (gather.Node.Op == "Gather" || gather.Node.Int("batch_dims") == 0);
    }
}
