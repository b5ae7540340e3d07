using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Execution;

/// <summary>
/// One run of a graph by dataflow: a node runs when its inputs have arrived. A Switch makes one of its outputs dead; deadness spreads to all consumers,
/// a Merge passes on the first input that is alive. Nodes that only pass values on run before all that compute, as in TensorFlow: so where a graph
/// leaves several inputs of a Merge alive, the same one is first. Each loop frame counts its iterations; when nothing is left to run in it, Exits that
/// never fired are dead.
/// </summary>
internal sealed class DataflowExecutor
{
    private readonly GraphAnalysis analysis;
    private readonly CompileOptions options;
    private readonly Dictionary<string, Tensor> feeds;
    private readonly RunState state;
    private readonly CancellationToken cancellation;
    private readonly Stack<(FrameRun Frame, int Iteration, AnalyzedNode Node)> ready = new();
    private readonly Queue<(FrameRun Frame, int Iteration, AnalyzedNode Node)> passing = new();
    private readonly Dictionary<TensorSource, Tensor?> wanted = [];
    private readonly HashSet<int> wantedNodes = [];
    private readonly ProfileClock? clock;

    public DataflowExecutor(GraphAnalysis analysis, CompileOptions options, Dictionary<string, Tensor> feeds, RunState state, ProfileClock? clock, CancellationToken cancellation)
    {
        this.analysis = analysis;
        this.options = options;
        this.feeds = feeds;
        this.state = state;
        this.cancellation = cancellation;
        this.clock = clock;
        foreach (TensorSource source in analysis.OutputSources)
        {
            wanted[source] = null;
            wantedNodes.Add(source.Node);
        }
    }

    public ImmutableArray<Tensor> Execute()
    {
        var root = new FrameRun(analysis.Frames[0], null, 0);
        root.AddIteration();
        foreach (int index in analysis.Frames[0].Nodes.AsEnumerable().Reverse())
        {
            AnalyzedNode node = analysis.Nodes[index];
            if (node.DataInputs + node.ControlInputs == 0)
                Start(root, 0, node, Arrivals(root, 0, node));
        }
        while (passing.TryDequeue(out var next) || ready.TryPop(out next))
        {
            cancellation.ThrowIfCancellationRequested();
            RunNode(next.Frame, next.Iteration, next.Node);
            Finish(next.Frame, next.Iteration);
        }
        return [.. analysis.OutputSources.Select((source, i) => wanted[source]
            ?? throw new ExecutionException(StatusKind.InvalidArgument, $"output '{analysis.Outputs[i]}' has no value: it is in a branch that was not taken", new NodeInput(analysis.Outputs[i]).Node))];
    }

    private void RunNode(FrameRun frame, int iteration, AnalyzedNode node)
    {
        NodeRun arrived = frame[iteration].Nodes[node.Local]!;
        bool dead = node.Kind == NodeKind.Merge ? arrived.Taken < 0 : arrived.Dead > 0;
        Tensor?[] outputs = dead ? new Tensor?[node.OutputCount] : Timed(node, arrived);
        Array.Clear(arrived.Inputs);
        if (wantedNodes.Contains(node.Index))
            Keep(node, outputs);
        switch (node.Kind)
        {
            case NodeKind.Enter:
                Enter(frame, iteration, node, outputs[0]);
                break;
            case NodeKind.Exit when dead:
            case NodeKind.NextIteration when dead:
                break;
            case NodeKind.Exit:
                frame.FiredExits.Add(node.Index);
                Propagate(frame.Parent!, frame.ParentIteration, node, outputs, dead: false);
                break;
            case NodeKind.NextIteration:
                Propagate(frame, NextIteration(frame, iteration, node), node, outputs, dead: false);
                break;
            default:
                Propagate(frame, iteration, node, outputs, dead);
                break;
        }
    }

    private Tensor?[] Timed(AnalyzedNode node, NodeRun arrived)
    {
        if (clock is null || node.Kind == NodeKind.Constant || node.Kernel is RegionKernel)
            return Evaluate(node, arrived);
        clock.Begin();
        Tensor?[] outputs = Evaluate(node, arrived);
        if (node.Kind == NodeKind.Kernel)
            clock.End(node.Node, arrived.Inputs, outputs);
        else
            clock.End(node.Node);
        return outputs;
    }

    private void Keep(AnalyzedNode node, Tensor?[] outputs)
    {
        for (int port = 0; port < outputs.Length; port++)
        {
            var source = new TensorSource(node.Index, port);
            if (wanted.ContainsKey(source) && outputs[port] is { } value)
                wanted[source] = value;
        }
    }

    private Tensor?[] Evaluate(AnalyzedNode node, NodeRun arrived)
    {
        switch (node.Kind)
        {
            case NodeKind.Constant:
                return [node.Constant];
            case NodeKind.NoOp:
                return new Tensor?[node.OutputCount];
            case NodeKind.Feed or NodeKind.Placeholder:
                return [Feed(node)];
            case NodeKind.Enter or NodeKind.Exit or NodeKind.NextIteration:
                return [arrived.Inputs[0]];
            case NodeKind.Merge:
                return [arrived.Inputs[arrived.Taken], Tensor.Scalar(arrived.Taken)];
            case NodeKind.Switch:
                return Predicate(node, arrived.Inputs[1]!) ? [null, arrived.Inputs[0]] : [arrived.Inputs[0], null];
            case NodeKind.Kernel when node.Kernel is RegionKernel region:
                return region.Run(arrived.Inputs!, state, clock, cancellation);
            default:
                return KernelRun.Compute(node, arrived.Inputs!, state, cancellation);
        }
    }

    private static bool Predicate(AnalyzedNode node, Tensor tensor) => tensor is { Type: DataType.Bool, Shape.Rank: 0 }
        ? tensor.AsSpan<bool>()[0]
        : throw new ExecutionException(StatusKind.InvalidArgument, $"node '{node.Node.Name}' (Switch): the second input must be a scalar, but it has shape {tensor.Shape}", node.Node.Name);

    private Tensor Feed(AnalyzedNode node) =>
        feeds.TryGetValue(node.FeedName!, out var tensor)
            ? tensor
            : throw new ExecutionException(StatusKind.InvalidArgument,
                $"You must feed a value for placeholder tensor '{node.Node.Name}' with dtype {(node.Node.TypeAttribute("dtype") ?? DataType.Invalid).Name()}", node.Node.Name);

    private void Enter(FrameRun frame, int iteration, AnalyzedNode node, Tensor? value)
    {
        if (!frame.Children.TryGetValue((node.ChildFrame, iteration), out var child))
        {
            child = new FrameRun(analysis.Frames[node.ChildFrame], frame, iteration);
            child.AddIteration();
            frame.Children.Add((node.ChildFrame, iteration), child);
            frame.Begin(iteration);
            foreach (int index in child.Frame.Nodes)
            {
                AnalyzedNode inner = analysis.Nodes[index];
                if (inner.DataInputs + inner.ControlInputs == 0)
                    Start(child, 0, inner, Arrivals(child, 0, inner));
            }
        }
        child.Entered++;
        if (node.IsLoopInvariant)
            child.Invariants.Add((node, value));
        int last = node.IsLoopInvariant ? child.IterationCount : 1;
        for (int i = 0; i < last; i++)
            Propagate(child, i, node, [value], value is null);
        FinishIfIdle(child);
    }

    private int NextIteration(FrameRun frame, int iteration, AnalyzedNode node)
    {
        int next = iteration + 1;
        if (next < frame.IterationCount)
            return next;
        if (next > options.MaxLoopIterations)
        {
            throw new ExecutionException(StatusKind.OutOfRange,
                $"the loop '{frame.Frame.Name}' has run {next} iterations without ending; raise the limit if that is meant", node.Node.Name);
        }
        frame.AddIteration();
        foreach (var (enter, value) in frame.Invariants)
            Propagate(frame, next, enter, [value], value is null);
        return next;
    }

    private void Propagate(FrameRun frame, int iteration, AnalyzedNode node, Tensor?[] outputs, bool dead)
    {
        foreach (AnalyzedEdge edge in node.Edges)
        {
            AnalyzedNode consumer = analysis.Nodes[edge.Consumer];
            NodeRun arrived = Arrivals(frame, iteration, consumer);
            Tensor? value = edge.IsControl || dead ? null : Output(node, outputs, edge.Port);
            if (consumer.Kind == NodeKind.Merge)
                ArriveAtMerge(arrived, edge, value);
            else
                Arrive(arrived, edge, value, dead);
            if (IsReady(consumer, arrived))
                Start(frame, iteration, consumer, arrived);
        }
    }

    private static Tensor? Output(AnalyzedNode node, Tensor?[] outputs, int port) =>
        port < outputs.Length
            ? outputs[port]
            : throw KernelRun.MissingOutput(node, outputs.Length, port);

    private static void Arrive(NodeRun arrived, AnalyzedEdge edge, Tensor? value, bool dead)
    {
        arrived.Pending--;
        if (edge.IsControl ? dead : value is null)
            arrived.Dead++;
        else if (!edge.IsControl)
            arrived.Inputs[edge.Slot] = value;
    }

    private static void ArriveAtMerge(NodeRun arrived, AnalyzedEdge edge, Tensor? value)
    {
        if (edge.IsControl)
        {
            arrived.Pending--;
        }
        else if (value is null)
        {
            arrived.Dead++;
        }
        else if (arrived.Taken < 0)
        {
            arrived.Taken = edge.Slot;
            arrived.Inputs[edge.Slot] = value;
        }
    }

    private static bool IsReady(AnalyzedNode node, NodeRun arrived) =>
        !arrived.Started && arrived.Pending == 0
        && (node.Kind != NodeKind.Merge || arrived.Taken >= 0 || arrived.Dead == node.DataInputs);

    private static NodeRun Arrivals(FrameRun frame, int iteration, AnalyzedNode node) =>
        frame[iteration].Nodes[node.Local] ??= new(node.DataInputs, node.ControlInputs + (node.Kind == NodeKind.Merge ? 0 : node.DataInputs));

    private void Start(FrameRun frame, int iteration, AnalyzedNode node, NodeRun arrived)
    {
        arrived.Started = true;
        frame.Begin(iteration);
        if (node.Kind is NodeKind.Constant or NodeKind.NoOp or NodeKind.Switch or NodeKind.Merge)
            passing.Enqueue((frame, iteration, node));
        else
            ready.Push((frame, iteration, node));
    }

    private void Finish(FrameRun frame, int iteration)
    {
        frame.End(iteration);
        FinishIfIdle(frame);
    }

    private void FinishIfIdle(FrameRun frame)
    {
        if (frame.Parent is not { } parent || frame.Outstanding > 0 || frame.Entered < frame.Frame.Entries)
            return;
        if (!parent.Children.Remove((frame.Frame.Index, frame.ParentIteration)))
            return;
        foreach (int exit in frame.Frame.Exits.Where(exit => !frame.FiredExits.Contains(exit)))
        {
            AnalyzedNode node = analysis.Nodes[exit];
            Propagate(parent, frame.ParentIteration, node, new Tensor?[node.OutputCount], dead: true);
        }
        Finish(parent, frame.ParentIteration);
    }
}
