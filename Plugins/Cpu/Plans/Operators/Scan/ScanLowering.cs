using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Analysis.Scans;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Scan;

/// <summary>
/// A loop through sequences whose iterations consist of products by constant weights, functions of elements, slices of columns and choices by a mask, as recurrent layers do: one operator. Each sum is
/// taken in the order of the float GEMM, biases and what was computed before the loop are added in its tiles.
/// </summary>
[Lowering(Op)]
internal sealed class ScanLowering : ILowering
{
    /// <summary>Op of the nodes of such loops.</summary>
    public const string Op = "_Scan";

    public bool IsExact => false;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        var kernel = (IScanKernel)node.Kernel!;
        TensorSource[] sources = graph.Inputs(node).ToArray();
        if (kernel.Resolve([.. sources.Select(source => graph[source])]) is not { } scan || RowsOf(scan) is not { } rows)
            return false;
        var memory = new StepMemory();
        var products = new StepProducts(builder, node, kernel.Loop, scan.Steps, rows, memory);
        var states = new List<ScanState>();
        var instructions = new List<StepInstruction>();
        var compiler = new StepCompiler(scan.Step, rows, memory, products, instructions);
        foreach (var (fed, (variable, isElement)) in scan.Step.Fed)
        {
            if (!TryFeed(fed, variable, isElement))
                return false;
        }
        if (!compiler.TryTranslate())
            return false;
        var outputs = new List<(TensorSource Source, StepOperand Operand, int Variable)>();
        for (int i = 0; i < scan.Results.Length; i++)
        {
            int columns = Columns(scan.Step.Next(scan.Results[i]), rows);
            if (columns < 0 || compiler.Matrix(scan.Step.Source(scan.Results[i]), columns) is not { } operand)
                return false;
            outputs.Add((new(node.Index, i), operand, scan.Results[i]));
        }
        foreach (ScanState state in states)
        {
            if (compiler.Matrix(scan.Step.Source(state.Variable), state.Register.Columns) is not { } next)
                return false;
            state.Next = next;
        }
        foreach (Operator op in products.Hoisted)
            builder.Add(op);
        builder.Add(Operator());
        return true;

        bool TryFeed(int fed, int variable, bool isElement)
        {
            PlanTensor tensor = scan.Step.Graph[new(fed, 0)];
            var source = new TensorSource(fed, 0);
            if (scan.IsStep(variable))
            {
                products.AddCounter(fed);
                return true;
            }
            PlanBuffer buffer = BufferOf(variable);
            if (tensor.Type is DataType.Int32 or DataType.Int64 && !isElement)
            {
                products.AddIntegers(fed, buffer);
                return true;
            }
            if (tensor.Type == DataType.Bool && isElement && tensor.Shape is { Rank: > 0 } shape && shape.ElementCount == rows && shape[0] == rows)
            {
                StepOperand mask = memory.Register(1, rows);
                instructions.Add(new MaskOfSequence(memory.Tensor(buffer), mask, rows));
                compiler.FeedMask(source, mask);
                return true;
            }
            int columns = Columns(tensor, rows);
            if (columns < 0)
                return false;
            if (isElement)
                products.AddSequence(fed, buffer);
            if (isElement || scan.KindOf(variable) == LoopVariableKind.Invariant)
            {
                compiler.Feed(source, new(memory.Tensor(buffer), 0, isElement ? checked(rows * columns) : 0, columns, columns));
                return true;
            }
            var state = new ScanState(variable, memory.Register(rows, columns), new(memory.Tensor(buffer), 0, 0, columns, columns));
            states.Add(state);
            compiler.Feed(source, state.Register);
            return true;
        }

        PlanBuffer BufferOf(int variable) => scan.Inputs[variable] >= 0
            ? builder.Tensors.Read(sources[scan.Inputs[variable]])
            : new(scan.Variables[variable].Bytes) { Constant = AlignedMemory.Of(scan.Variables[variable].Constant!.Bytes.Span) };

        ScanOperator Operator()
        {
            var last = new List<StepInstruction>();
            foreach (var (source, operand, variable) in outputs)
            {
                bool isState = scan.KindOf(variable) == LoopVariableKind.State;
                PlanBuffer target = builder.Tensors.Write(source);
                var place = new StepOperand(memory.Tensor(target), 0, isState ? 0 : checked(rows * operand.Columns), operand.Columns, operand.Columns);
                (isState ? last : instructions).Add(new CopyInstruction(operand, place, rows));
            }
            return new(scan.Steps, rows, memory, [.. instructions], [.. states], [.. last], outputs.Count) { Node = kernel.Loop };
        }
    }

    /// <summary>Sequences of the batch: rows of the first state or result.</summary>
    private static int? RowsOf(ResolvedScan scan) =>
        scan.Results.Length > 0 && scan.Step.Next(scan.Results[0]) is { IsStaticFloat: true, Shape.Rank: 2 } first && first.Shape[0] <= int.MaxValue ? (int)first.Shape[0] : null;

    /// <summary>Columns of a matrix of the batch; -1 for any other tensor.</summary>
    private static int Columns(PlanTensor tensor, int rows) => tensor is { IsStaticFloat: true, Shape.Rank: 2 } && tensor.Shape[0] == rows ? (int)tensor.Shape[1] : -1;
}
