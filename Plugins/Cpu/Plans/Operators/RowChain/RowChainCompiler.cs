using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Elementwise;
using TransformFramework.Cpu.Plans.Operators.Scan;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.RowChain;

/// <summary>Translates nodes that compute each row of some tensors by itself.</summary>
internal sealed unsafe class RowChainCompiler
{
    private readonly PlanBuilder builder;
    private readonly PlanGraph graph;
    private readonly long allRows;
    private readonly int columns;
    private readonly int rows;
    private readonly StepMemory memory = new();
    private readonly List<StepInstruction> instructions = [];
    private readonly Dictionary<TensorSource, StepOperand> values = [];
    private readonly Dictionary<TensorSource, StepOperand> spread = [];
    private readonly List<(TensorSource Source, StepOperand Operand)> inputs = [];

    /// <param name="builder">The plan so far.</param>
    /// <param name="allRows">Rows of the tensors.</param>
    /// <param name="columns">Elements of a row; results of one element a row belong to them too.</param>
    /// <param name="rows">Rows of a block.</param>
    public RowChainCompiler(PlanBuilder builder, long allRows, int columns, int rows)
    {
        this.builder = builder;
        graph = builder.Graph;
        this.allRows = allRows;
        this.columns = columns;
        this.rows = rows;
    }

    /// <summary>Translates a node; false when it cannot be.</summary>
    public bool TryTranslate(AnalyzedNode node)
    {
        var output = new TensorSource(node.Index, 0);
        if (node.ControlInputs > 0 || node.OutputCount != 1 || !PlanGraph.IsOwn(node) || WidthOf(output) is not { } width || graph[output].Constant is not null || IsBesideQuantization(node))
            return false;
        return node.Node.Op switch
        {
            "Mean" or "Sum" => TrySum(node, output),
            "SquaredDifference" => TryPair(node, output, width, squares: true),
            "Identity" or "StopGradient" => false,
            "BiasAdd" when !PostOpsChain.IsChannelsLast(node) => false,
            _ => StepFunctions.Unary(node.Node.Op) != null || node.Kernel is UnaryKernel ? TryUnary(node, output, width) : TryPair(node, output, width, squares: false),
        };
    }

    /// <summary>The operator.</summary>
    /// <param name="outputs">Tensors that something else reads.</param>
    /// <param name="buffers">Their places.</param>
    /// <param name="node">The first node.</param>
    public RowChainOperator Build(IReadOnlyList<TensorSource> outputs, IReadOnlyList<PlanBuffer> buffers, Node node)
    {
        for (int i = 0; i < outputs.Count; i++)
        {
            StepOperand value = values[outputs[i]];
            instructions.Add(new CopyInstruction(value, Whole(buffers[i], value.Columns), rows));
        }
        return new((int)(allRows / rows), memory, [.. instructions], outputs.Count) { Node = node };
    }

    /// <summary>True where values come from quantized ones or become them, which operators of 8-bit values take in.</summary>
    private bool IsBesideQuantization(AnalyzedNode node)
    {
        foreach (TensorSource source in graph.Inputs(node))
        {
            if (graph.Producer(source).Node.Op == "Dequantize")
                return true;
        }
        return node.Edges.Any(edge => graph.Analysis.Nodes[edge.Consumer].Node.Op == "QuantizeV2");
    }

    /// <summary>Elements of a tensor's rows: as many as all have, or one; null where it has others.</summary>
    private int? WidthOf(TensorSource source)
    {
        PlanTensor tensor = graph[source];
        if (!tensor.IsStaticFloat || tensor.Shape.Rank < 1)
            return null;
        long last = tensor.Shape[tensor.Shape.Rank - 1];
        bool fits = (last == columns || last == 1) && tensor.Shape.ElementCount == allRows * last;
        return fits ? (int)last : null;
    }

    private bool TrySum(AnalyzedNode node, TensorSource output)
    {
        TensorSource source = graph.Input(node, 0);
        bool isLast = node.Node.Bool("keep_dims") && graph[graph.Input(node, 1)].Constant is { ElementCount: 1 } axis && Integers.Axis(Integers.Read(axis)[0], graph[source].Shape.Rank) == graph[source].Shape.Rank - 1;
        if (!isLast || WidthOf(source) != columns || graph[source].Constant is not null || Operand(source, columns) is not { } x)
            return false;
        StepOperand target = Register(output, 1);
        instructions.Add(new RowSumInstruction(x, target, rows, node.Node.Op == "Mean" ? columns : 1));
        return true;
    }

    private bool TryUnary(AnalyzedNode node, TensorSource output, int width)
    {
        if (Operand(graph.Input(node, 0), width) is not { } x)
            return false;
        delegate*<float*, float*, nint, void> function = StepFunctions.Unary(node.Node.Op);
        StepOperand target = Register(output, width);
        instructions.Add(function == null ? new KernelInstruction((UnaryKernel)node.Kernel!, x, target, rows) : new UnaryInstruction(function, x, target, rows));
        return true;
    }

    private bool TryPair(AnalyzedNode node, TensorSource output, int width, bool squares)
    {
        delegate*<float*, float*, float*, nint, void> function = StepFunctions.Binary(squares ? "Sub" : node.Node.Op);
        if (function == null || node.DataInputs != 2 || Operand(graph.Input(node, 0), width) is not { } x || Operand(graph.Input(node, 1), width) is not { } y)
            return false;
        StepOperand target = Register(output, width);
        instructions.Add(new BinaryInstruction(function, x, y, target, rows));
        if (squares)
            instructions.Add(new BinaryInstruction(StepFunctions.Binary("Mul"), target, target, target, rows));
        return true;
    }

    /// <summary>A tensor as an operand of some width; null where it is not known, or does not fit.</summary>
    private StepOperand? Operand(TensorSource source, int width)
    {
        if (graph[source].Constant is { } constant)
            return IsRow(constant, width) ? memory.Constant(Tensor.FromContent(constant.Type, RowShape(constant), constant.Bytes), rows, width) : null;
        if (!values.TryGetValue(source, out StepOperand value))
        {
            if (WidthOf(source) is not { } given || (given != width && given != 1) || !builder.Tensors.IsComputed(source))
                return null;
            value = Whole(builder.Tensors.Read(source), given);
            values.Add(source, value);
        }
        if (value.Columns == width)
            return value;
        return value.Columns == 1 ? Spread(source, value) : null;
    }

    private static bool IsRow(Tensor constant, int width) =>
        constant.Type == DataType.Float && (constant.ElementCount == 1 || (constant.ElementCount == width && constant.Shape[constant.Shape.Rank - 1] == width));

    private static TensorShape RowShape(Tensor constant) => constant.ElementCount == 1 ? TensorShape.Scalar : TensorShape.Of(constant.ElementCount);

    private StepOperand Spread(TensorSource source, StepOperand column)
    {
        if (spread.TryGetValue(source, out StepOperand known))
            return known;
        StepOperand target = memory.Register(rows, columns);
        instructions.Add(new SpreadInstruction(column, target, rows));
        spread.Add(source, target);
        return target;
    }

    private StepOperand Register(TensorSource output, int width)
    {
        StepOperand target = memory.Register(rows, width);
        values.Add(output, target);
        return target;
    }

    private StepOperand Whole(PlanBuffer buffer, int width) => new(memory.Tensor(buffer), 0, checked(rows * width), width, width);
}
