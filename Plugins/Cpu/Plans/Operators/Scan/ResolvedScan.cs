using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Analysis.Scans;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Scan;

/// <summary>A loop through sequences of which all sizes are known.</summary>
/// <param name="Loop">The structure of the loop.</param>
/// <param name="Steps">Iterations, at least one.</param>
/// <param name="Variables">What is known of each variable before the loop; of a sequence, of the tensor whose rows it has.</param>
/// <param name="Inputs">For each variable the input of the loop's node that it is, or of which a sequence has the rows; -1 for constants and lists that are written.</param>
/// <param name="Step">The graph of an iteration.</param>
/// <param name="Results">For each tensor that the loop gives, the variable that it is.</param>
/// <param name="Outputs">What is known of these tensors.</param>
internal sealed record ResolvedScan(ScanLoop Loop, int Steps, PlanTensor[] Variables, int[] Inputs, StepGraph Step, ImmutableArray<int> Results, ImmutableArray<PlanTensor> Outputs)
{
    /// <summary>What a variable is to the iterations.</summary>
    public LoopVariableKind KindOf(int variable) => Loop.Variables[variable].Kind;

    /// <summary>True for a variable that is the number of the iteration.</summary>
    public bool IsStep(int variable) => KindOf(variable) == LoopVariableKind.Counter && Scalar(Variables[variable].Constant) == 0;

    /// <summary>The loop, or null when sizes are not known, or an iteration changes shapes.</summary>
    /// <param name="region">The loop and the nodes that make and unmake its lists, with what is known of them.</param>
    /// <param name="loop">The structure of the loop.</param>
    /// <param name="name">Name of the loop's node.</param>
    /// <param name="limit">Iterations that a run may take.</param>
    public static ResolvedScan? Of(PlanGraph region, ScanLoop loop, string name, long limit)
    {
        AnalyzedNode node = region.Order.First(node => node.Node.Name == name);
        TensorSource[] sources = [.. region.Inputs(node).ToArray().Select((source, i) => loop.Variables[i].Kind == LoopVariableKind.Sequence ? region.Input(region.Producer(source), 0) : source)];
        PlanTensor[] variables = [.. sources.Select(source => region[source])];
        long steps = Iterations(loop, variables);
        if (steps < 1 || steps > Math.Min(limit, int.MaxValue) || !AreInRange(region, node, loop, variables, steps))
            return null;
        if (StepGraph.Of(loop, variables) is not { } step || !KeepsShapes(loop, variables, step))
            return null;
        AnalyzedNode[] feeds = [.. region.Analysis.Nodes.Where(fed => fed.FeedName is not null)];
        int[] inputs = [.. sources.Select(source => Array.FindIndex(feeds, fed => fed.Index == source.Node))];
        var results = ImmutableArray.CreateBuilder<int>();
        var outputs = ImmutableArray.CreateBuilder<PlanTensor>();
        foreach (TensorSource output in region.Analysis.OutputSources)
        {
            bool isStack = output.Node != node.Index;
            int variable = isStack ? region.Input(region.Producer(output), 0).Port : output.Port;
            LoopVariableKind kind = loop.Variables[variable].Kind;
            if (kind != (isStack ? LoopVariableKind.Stack : LoopVariableKind.State))
                return null;
            PlanTensor element = step.Next(variable);
            if (isStack && !Stacks(region, output, element.Shape, steps))
                return null;
            results.Add(variable);
            outputs.Add(isStack ? element with { Shape = TensorShape.Of(element.Shape.Dimensions.Insert(0, steps)) } : element);
        }
        return new(loop, (int)steps, variables, inputs, step, results.ToImmutable(), outputs.ToImmutable());
    }

    /// <summary>Iterations of the loop, or -1 when they are not known.</summary>
    private static long Iterations(ScanLoop loop, PlanTensor[] variables)
    {
        long steps = long.MaxValue;
        foreach (var (counter, limitVariable, constant) in loop.Bounds)
        {
            if (Scalar(variables[counter].Constant) is not { } first || Scalar(constant ?? variables[limitVariable].Constant) is not { } limit)
                return -1;
            steps = Math.Min(steps, checked(limit - first));
        }
        return loop.Bounds.IsEmpty ? -1 : steps;
    }

    private static long? Scalar(Tensor? tensor) => tensor is { Type: DataType.Int32 or DataType.Int64, ElementCount: 1 } ? Integers.Read(tensor)[0] : null;

    /// <summary>True when each iteration reads and writes elements that there are.</summary>
    private static bool AreInRange(PlanGraph region, AnalyzedNode node, ScanLoop loop, PlanTensor[] variables, long steps)
    {
        foreach (var (sequence, counter) in loop.Elements.Values)
        {
            if (variables[sequence].Shape is not { Rank: > 0 } shape || shape[0] < steps || Scalar(variables[counter].Constant) != 0)
                return false;
        }
        if (loop.WrittenAt.Any(counter => Scalar(variables[counter].Constant) != 0))
            return false;
        for (int i = 0; i < variables.Length; i++)
        {
            if (loop.Variables[i].Kind != LoopVariableKind.Stack)
                continue;
            AnalyzedNode maker = region.Producer(region.Input(node, i));
            bool fits = loop.Variables[i].IsPushed ? maker.Node.Op == "EmptyTensorList" : maker.Node.Op == "TensorListReserve" && Scalar(region[region.Input(maker, 1)].Constant) == steps;
            if (!fits)
                return false;
        }
        return true;
    }

    private static bool KeepsShapes(ScanLoop loop, PlanTensor[] variables, StepGraph step)
    {
        for (int i = 0; i < variables.Length; i++)
        {
            if (loop.Variables[i].Kind == LoopVariableKind.Stack && !step.Next(i).IsStatic)
                return false;
            bool changes = loop.Variables[i].Kind == LoopVariableKind.State
                && !(step.Next(i) is { IsStatic: true } next && next.Type == variables[i].Type && next.Shape.Dimensions.AsSpan().SequenceEqual(variables[i].Shape.Dimensions.AsSpan()));
            if (changes)
                return false;
        }
        return true;
    }

    /// <summary>True when a node stacks elements of a shape.</summary>
    private static bool Stacks(PlanGraph region, TensorSource stack, TensorShape element, long steps)
    {
        AnalyzedNode node = region.Producer(stack);
        int count = node.Node.Int("num_elements");
        return (count < 0 || count == steps) && region[region.Input(node, 1)].Constant is { } hint && (hint.Shape.Rank == 0 || Agrees(Integers.Read(hint), element));
    }

    private static bool Agrees(long[] hint, TensorShape element)
    {
        if (hint.Length != element.Rank)
            return false;
        for (int i = 0; i < hint.Length; i++)
        {
            if (hint[i] >= 0 && hint[i] != element[i])
                return false;
        }
        return true;
    }
}
