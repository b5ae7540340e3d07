using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Elementwise;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Cpu.Plans.Operators.UniformQuantizedDot;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Scan;

/// <summary>Translates an iteration into instructions on matrices of as many rows as the batch has sequences.</summary>
internal sealed unsafe class StepCompiler
{
    private readonly PlanGraph graph;
    private readonly StepProducts products;
    private readonly StepMemory memory;
    private readonly int rows;
    private readonly List<StepInstruction> instructions;
    private readonly Dictionary<TensorSource, StepOperand> values = [];
    private readonly Dictionary<TensorSource, StepOperand> masks = [];
    private readonly HashSet<int> absorbed = [];

    /// <param name="step">The iteration.</param>
    /// <param name="rows">Sequences of the batch.</param>
    /// <param name="memory">Where its matrices are.</param>
    /// <param name="products">Makes its products.</param>
    /// <param name="instructions">Takes the instructions.</param>
    public StepCompiler(StepGraph step, int rows, StepMemory memory, StepProducts products, List<StepInstruction> instructions)
    {
        graph = step.Graph;
        this.rows = rows;
        this.memory = memory;
        this.products = products;
        this.instructions = instructions;
        Step = step;
    }

    private StepGraph Step { get; }

    /// <summary>Gives the matrix of a fed tensor.</summary>
    public void Feed(TensorSource source, StepOperand operand) => values.Add(source, operand);

    /// <summary>Gives the mask of a fed sequence of truth values.</summary>
    public void FeedMask(TensorSource source, StepOperand mask) => masks.Add(source, mask);

    /// <summary>Translates all nodes; false when there is one that cannot be.</summary>
    public bool TryTranslate()
    {
        foreach (AnalyzedNode node in graph.Order)
        {
            if (node.Kind != NodeKind.Kernel || absorbed.Contains(node.Index) || graph.AreConstant(node))
                continue;
            if (!PlanGraph.IsOwn(node) || !TryTranslate(node))
                return false;
        }
        return true;
    }

    /// <summary>The matrix of a tensor, or null when it is none of this width.</summary>
    public StepOperand? Matrix(TensorSource source, int columns)
    {
        if (graph[source].Constant is { } constant)
            return memory.Constant(constant, rows, columns);
        return values.TryGetValue(source, out StepOperand operand) && operand.Columns == columns ? operand : null;
    }

    private bool TryTranslate(AnalyzedNode node) => node.Node.Op switch
    {
        "Identity" or "StopGradient" or "Reshape" or "Squeeze" => TryAlias(node),
        "ExpandDims" or "Tile" or "BroadcastTo" => TryMaskAlias(node) || (node.Node.Op == "ExpandDims" && TryAlias(node)),
        "Less" => TryMaskOfLengths(node),
        "Cast" => graph.Inputs(node).Length == 1 && TryPassThrough(node),
        "Select" or "SelectV2" => TrySelect(node),
        "ZerosLike" => TryZeros(node),
        "Split" or "SplitV" => TrySplit(node),
        "StridedSlice" or "Slice" => TrySlice(node),
        "ClipByValue" => TryClip(node),
        "MatMul" or "UniformQuantizedDotHybrid" or "BatchMatMulV2" => TryProduct(node),
        _ => TryElementwise(node),
    };

    /// <summary>Columns of a tensor that is a matrix of the batch; -1 for any other.</summary>
    private int Columns(TensorSource source)
    {
        PlanTensor tensor = graph[source];
        return tensor.IsStaticFloat && tensor.Shape.Rank == 2 && tensor.Shape[0] == rows && tensor.Shape[1] < int.MaxValue / sizeof(float) ? (int)tensor.Shape[1] : -1;
    }

    private bool TryAlias(AnalyzedNode node)
    {
        TensorSource source = graph.Input(node, 0);
        var output = new TensorSource(node.Index, 0);
        if (masks.TryGetValue(source, out StepOperand mask) && graph[output].Shape is { Rank: > 0, ElementCount: var count } shape && count == rows && shape[0] == rows)
        {
            masks.Add(output, mask);
            return true;
        }
        if (!values.TryGetValue(source, out StepOperand operand) || Columns(output) != operand.Columns || Columns(source) != operand.Columns)
            return false;
        values.Add(output, operand);
        return true;
    }

    /// <summary>Masks under another shape in which rows stay rows.</summary>
    private bool TryMaskAlias(AnalyzedNode node)
    {
        TensorSource source = graph.Input(node, 0);
        TensorShape shape = graph[new(node.Index, 0)].Shape;
        bool keepsRows = shape.Rank > 0 && shape[0] == rows && (node.Node.Op == "ExpandDims" || shape.Rank == graph[source].Shape.Rank);
        if (!keepsRows || !masks.TryGetValue(source, out StepOperand mask))
            return false;
        masks.Add(new(node.Index, 0), mask);
        return true;
    }

    /// <summary>A cast of a fed tensor, which only a comparison may read.</summary>
    private bool TryPassThrough(AnalyzedNode node) =>
        Step.Fed.ContainsKey(graph.Input(node, 0).Node) && graph[new(node.Index, 0)].Type is DataType.Int32 or DataType.Int64 && graph[graph.Input(node, 0)].Type is DataType.Int32 or DataType.Int64;

    /// <summary>counter &lt; lengths.</summary>
    private bool TryMaskOfLengths(AnalyzedNode node)
    {
        TensorSource counter = ThroughCasts(graph.Input(node, 0));
        TensorSource lengths = ThroughCasts(graph.Input(node, 1));
        if (!products.IsCounter(counter.Node) || products.Integers(graph, lengths, rows) is not { } integers)
            return false;
        StepOperand mask = memory.Register(1, rows);
        instructions.Add(new MaskOfLengths(integers, graph[lengths].Type == DataType.Int64, mask, rows));
        masks.Add(new(node.Index, 0), mask);
        return true;
    }

    private TensorSource ThroughCasts(TensorSource source)
    {
        while (graph.Producer(source) is { Kind: NodeKind.Kernel, Node.Op: "Cast" or "Identity" } cast && graph[source].Constant is null)
            source = graph.Input(cast, 0);
        return source;
    }

    private bool TrySelect(AnalyzedNode node)
    {
        var output = new TensorSource(node.Index, 0);
        int columns = Columns(output);
        TensorShape shape = graph[graph.Input(node, 0)].Shape;
        bool isByRow = shape.Rank == 2 || (shape.Rank == 1 && (node.Node.Op == "Select" || (rows == 1 && shape.ElementCount == 1)));
        if (columns < 0 || !isByRow || !masks.TryGetValue(graph.Input(node, 0), out StepOperand mask) || Matrix(graph.Input(node, 1), columns) is not { } taken || Matrix(graph.Input(node, 2), columns) is not { } otherwise)
            return false;
        Add(output, columns, target => new SelectInstruction(mask, taken, otherwise, target, rows));
        return true;
    }

    private bool TryZeros(AnalyzedNode node)
    {
        var output = new TensorSource(node.Index, 0);
        int columns = Columns(output);
        if (columns < 0)
            return false;
        values.Add(output, memory.Constant(Tensor.Scalar(0f), rows, columns)!.Value);
        return true;
    }

    private bool TrySplit(AnalyzedNode node)
    {
        bool isSized = node.Node.Op == "SplitV";
        TensorSource source = graph.Input(node, isSized ? 0 : 1);
        TensorSource axis = graph.Input(node, isSized ? 2 : 0);
        if (!values.TryGetValue(source, out StepOperand operand) || graph[axis].Constant is not { } along || Integers.Read(along)[0] is not (1 or -1))
            return false;
        int first = 0;
        for (int port = 0; port < node.Node.Int("num_split"); port++)
        {
            int columns = Columns(new(node.Index, port));
            if (columns < 0)
                return false;
            values.Add(new(node.Index, port), operand.Slice(first, columns));
            first += columns;
        }
        return first == operand.Columns;
    }

    private bool TrySlice(AnalyzedNode node)
    {
        var output = new TensorSource(node.Index, 0);
        TensorSource source = graph.Input(node, 0);
        int columns = Columns(output);
        if (columns < 0 || !values.TryGetValue(source, out StepOperand operand) || FirstColumn(node, graph[source].Shape) is not { } first || first + columns > operand.Columns)
            return false;
        values.Add(output, operand.Slice(first, columns));
        return true;
    }

    /// <summary>The first column of a slice of whole rows, or null.</summary>
    private int? FirstColumn(AnalyzedNode node, TensorShape shape)
    {
        if (graph[graph.Input(node, 1)].Constant is not { } begin || graph[graph.Input(node, 2)].Constant is not { } end)
            return null;
        if (node.Node.Op == "Slice")
            return Integers.Read(begin) is [0, var first] ? (int)first : null;
        if (graph[graph.Input(node, 3)].Constant is not { } strides)
            return null;
        SliceSpec slice = SliceSpec.Of(node.Node, shape, begin, end, strides);
        bool hasWholeRows = slice is { Begin: [0, _], Stride: [1, 1], Target.Rank: 2 } && slice.Count[0] == shape[0];
        return hasWholeRows ? (int)slice.Begin[1] : null;
    }

    private bool TryClip(AnalyzedNode node)
    {
        var output = new TensorSource(node.Index, 0);
        int columns = Columns(output);
        if (columns < 0 || Matrix(graph.Input(node, 0), columns) is not { } value || Matrix(graph.Input(node, 1), columns) is not { } low || Matrix(graph.Input(node, 2), columns) is not { } high)
            return false;
        StepOperand bounded = memory.Register(rows, columns);
        instructions.Add(new BinaryInstruction(StepFunctions.Binary("Minimum"), value, high, bounded, rows));
        Add(output, columns, target => new BinaryInstruction(StepFunctions.Binary("Maximum"), bounded, low, target, rows));
        return true;
    }

    private bool TryProduct(AnalyzedNode node)
    {
        TensorSource source = graph.Input(node, 0);
        if (Columns(new(node.Index, 0)) < 0 || Columns(source) < 0 || !values.TryGetValue(source, out StepOperand operand))
            return false;
        StepProduct? product = products.Of(this, graph, node, operand);
        if (product is null)
            return false;
        absorbed.UnionWith(product.Absorbed);
        if (product.Hoisted is { } hoisted)
            values.Add(product.Output, hoisted);
        else
            Add(product.Output, Columns(product.Output), product.Instruction!);
        return true;
    }

    private bool TryElementwise(AnalyzedNode node)
    {
        var output = new TensorSource(node.Index, 0);
        int columns = Columns(output);
        if (columns < 0 || node.OutputCount != 1 || node.DataInputs == 0 || Matrix(graph.Input(node, 0), columns) is not { } x)
            return false;
        delegate*<float*, float*, nint, void> unary = StepFunctions.Unary(node.Node.Op);
        delegate*<float*, float*, float*, nint, void> binary = StepFunctions.Binary(node.Node.Op);
        if (unary != null)
        {
            StepOperand target = memory.Register(rows, columns);
            instructions.Add(new UnaryInstruction(unary, x, target, rows));
            values.Add(output, target);
            return true;
        }
        if (node.Kernel is UnaryKernel kernel)
        {
            Add(output, columns, target => new KernelInstruction(kernel, x, target, rows));
            return true;
        }
        if (binary == null || node.DataInputs != 2 || Matrix(graph.Input(node, 1), columns) is not { } y)
            return false;
        StepOperand result = memory.Register(rows, columns);
        instructions.Add(new BinaryInstruction(binary, x, y, result, rows));
        values.Add(output, result);
        return true;
    }

    private void Add(TensorSource output, int columns, Func<StepOperand, StepInstruction> instruction)
    {
        StepOperand target = memory.Register(rows, columns);
        instructions.Add(instruction(target));
        values.Add(output, target);
    }
}
