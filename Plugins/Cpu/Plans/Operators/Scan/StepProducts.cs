using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Plans.Operators.Gemm;
using TransformFramework.Cpu.Plans.Operators.UniformQuantizedDot;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Scan;

/// <summary>A product of an iteration with what is added to it.</summary>
/// <param name="Output">The tensor that it computes.</param>
/// <param name="Absorbed">Nodes that it takes in.</param>
/// <param name="Instruction">Makes the instruction that computes it in each iteration.</param>
/// <param name="Hoisted">Where it is when all iterations are computed before the loop.</param>
internal sealed record StepProduct(TensorSource Output, IReadOnlyList<int> Absorbed, Func<StepOperand, StepInstruction>? Instruction, StepOperand? Hoisted);

/// <summary>Makes the products of an iteration by constant weights. Those of a sequence's elements are one product of all elements before the loop.</summary>
internal sealed class StepProducts
{
    private readonly PlanBuilder builder;
    private readonly AnalyzedNode scan;
    private readonly Node loop;
    private readonly int steps;
    private readonly int rows;
    private readonly StepMemory memory;
    private readonly Dictionary<int, PlanBuffer> sequences = [];
    private readonly Dictionary<int, int> integers = [];
    private readonly HashSet<int> counters = [];
    private readonly List<Operator> hoisted = [];
    private int count;

    /// <param name="builder">The plan so far.</param>
    /// <param name="scan">The node of the loop.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="steps">Iterations.</param>
    /// <param name="rows">Sequences of the batch.</param>
    /// <param name="memory">Where matrices are.</param>
    public StepProducts(PlanBuilder builder, AnalyzedNode scan, Node loop, int steps, int rows, StepMemory memory)
    {
        this.builder = builder;
        this.scan = scan;
        this.loop = loop;
        this.steps = steps;
        this.rows = rows;
        this.memory = memory;
    }

    /// <summary>The operators that compute products of whole sequences.</summary>
    public IReadOnlyList<Operator> Hoisted => hoisted;

    /// <summary>Says that a fed node is the element of a sequence whose rows a buffer has.</summary>
    public void AddSequence(int node, PlanBuffer buffer) => sequences.Add(node, buffer);

    /// <summary>Says that a fed node is integers that no iteration changes.</summary>
    public void AddIntegers(int node, PlanBuffer buffer) => integers.Add(node, memory.Tensor(buffer));

    /// <summary>Says that a fed node is the number of the iteration.</summary>
    public void AddCounter(int node) => counters.Add(node);

    public bool IsCounter(int node) => counters.Contains(node);

    /// <summary>The memory of an integer a row, or null.</summary>
    public int? Integers(PlanGraph graph, TensorSource source, int count)
    {
        PlanTensor tensor = graph[source];
        bool fits = tensor.Type is DataType.Int32 or DataType.Int64 && tensor.Shape is { IsFullyKnown: true, Rank: > 0 } shape && shape.ElementCount == count && shape[0] == count;
        if (!fits)
            return null;
        if (tensor.Constant is { } constant)
            return memory.Tensor(new PlanBuffer(tensor.Bytes) { Constant = Microkernels.Isa.AlignedMemory.Of(constant.Bytes.Span) });
        return integers.TryGetValue(source.Node, out int number) ? number : null;
    }

    /// <summary>The product of a node; null where there is none.</summary>
    public StepProduct? Of(StepCompiler step, PlanGraph graph, AnalyzedNode node, StepOperand source) =>
        node.Node.Op == "UniformQuantizedDotHybrid" ? Quantized(step, graph, node, source) : Real(step, graph, node, source);

    private StepProduct? Real(StepCompiler step, PlanGraph graph, AnalyzedNode node, StepOperand source)
    {
        bool isOne = node.Node.Op == "MatMul";
        bool transposes = node.Node.Bool(isOne ? "transpose_b" : "adj_y");
        if (node.Node.Bool(isOne ? "transpose_a" : "adj_x") || graph[graph.Input(node, 1)].Constant is not { Type: DataType.Float, Shape.Rank: 2, ElementCount: > 0 } weights)
            return null;
        int inner = (int)weights.Shape[transposes ? 1 : 0];
        int columns = (int)weights.Shape[transposes ? 0 : 1];
        if (inner != source.Columns)
            return null;
        PlanBuffer? sequence = Sequence(graph, node);
        StepTerms terms = StepTerms.Follow(step, graph, new(node.Index, 0), columns, takesTensor: sequence is null);
        F32GemmKernels tiles = builder.Kernels.FloatGemm;
        PostOps post = terms.Bias is null ? new(terms.Output, columns) : new PostOps(terms.Output, columns).Add(terms.Bias);
        F32Panels panels = builder.Weights.GetOrAdd(scan.Index, ++count, weights, post, _ =>
            F32Panels.Pack(tiles, (transposes ? MatMulLowering.Transposed(weights) : weights).AsSpan<float>(), 1, inner, columns, [], post.Offset is null ? [] : PostOps.ToSingles(post.Offset)));
        if (sequence is null)
            return new(terms.Output, terms.Absorbed, target => new ProductInstruction(tiles, panels, source, terms.Tensor, target, rows), null);
        PlanBuffer target = Results(columns);
        var operands = new GemmOperands([panels], sequence, target, null, null, float.NegativeInfinity, float.PositiveInfinity);
        hoisted.Add(new GemmOperator(tiles, ConvolutionShape.MatMul((long)steps * rows, inner, columns), operands, builder.Threads) { Node = loop });
        return new(terms.Output, terms.Absorbed, null, Rows(target, columns));
    }

    private StepProduct? Quantized(StepCompiler step, PlanGraph graph, AnalyzedNode node, StepOperand source)
    {
        if (UniformQuantizedDotLowering.Weights(node, graph, builder, scan.Index, -(count + 1)) is not { } weights || weights.Inner != source.Columns)
            return null;
        count++;
        PlanBuffer? sequence = Sequence(graph, node);
        StepTerms terms = StepTerms.Follow(step, graph, new(node.Index, 0), weights.Columns, takesTensor: false);
        PostOps post = terms.Bias is null ? new(terms.Output, weights.Columns) : new PostOps(terms.Output, weights.Columns).Add(terms.Bias);
        if (sequence is null)
            return new(terms.Output, terms.Absorbed, target => new DynamicProductInstruction(builder.Kernels, weights, post.Offset is null ? [] : PostOps.ToSingles(post.Offset), memory, source, target, rows), null);
        var shape = ConvolutionShape.MatMul((long)steps * rows, weights.Inner, weights.Columns);
        var quantized = new DynamicRowBuffers(sequence, new((long)shape.Rows * weights.Inner), new(sizeof(float) * (long)shape.Rows), new(sizeof(int) * (long)shape.Rows), weights.Inner);
        PlanBuffer result = Results(weights.Columns);
        hoisted.Add(new QuantizeRowsOperator(builder.Kernels, quantized, shape.Rows) { Node = loop });
        hoisted.Add(new UniformQuantizedDotOperator(builder.Kernels, shape, weights, quantized, result, post, builder.Threads) { Node = loop });
        return new(terms.Output, terms.Absorbed, null, Rows(result, weights.Columns));
    }

    /// <summary>The whole sequence whose element a node multiplies, where it is in the arena; else null.</summary>
    private PlanBuffer? Sequence(PlanGraph graph, AnalyzedNode node)
    {
        TensorSource source = graph.Input(node, 0);
        while (graph.Producer(source) is { Kind: NodeKind.Kernel, Node.Op: "Identity" } identity)
            source = graph.Input(identity, 0);
        return sequences.TryGetValue(source.Node, out PlanBuffer? buffer) && buffer is { Constant: null, FedSlot: < 0 } ? buffer : null;
    }

    private PlanBuffer Results(int columns) => new(checked((long)steps * rows * columns * sizeof(float)));

    private StepOperand Rows(PlanBuffer buffer, int columns) => new(memory.Tensor(buffer), 0, checked(rows * columns), columns, columns);
}
