using TransformFramework.Cpu.Analysis;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Text;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Cpu.Kernels;

/// <summary>What kernels do with inputs and attributes that do not fit: compute something, or refuse with the node's name; they never fail by accident.</summary>
public sealed class ArgumentTests
{
    private const int Cases = 200;

    public static TheoryData<string> Ops => [.. KernelRegistry.Ops.Where(op => OpTable.Find(op) is not null).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Ops))]
    public void Kernels_compute_or_refuse_whatever_they_are_given(string op)
    {
        var sweep = new ArgumentSweep(OpTable.Find(op)!, seed: op.Aggregate(0, (hash, letter) => unchecked((hash * 31) + letter)));
        string[] faults = [.. Enumerable.Range(0, Cases).Select(_ => sweep.Next()).SelectMany(given => Faults(given.Node, given.Inputs)).Distinct(StringComparer.Ordinal)];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Inputs_of_other_types_than_the_op_declares_are_refused_by_name()
    {
        Tensor numbers = NodeRun.Ints(1, 2);
        AssertRefused("StringJoin", AttributeMap.Of(("N", 1)), [numbers], "input 0 is int32 where the op has string");
        AssertRefused("Sqrt", AttributeMap.Of(("T", DataType.Float)), [numbers], "input 0 is int32 where the op has float");
        AssertRefused("Reshape", AttributeMap.Of(("T", DataType.Int32)), [numbers, NodeRun.Words("a")], "input 1 is string where the op has int32");
        AssertRefused("AddN", AttributeMap.Of(("N", 2), ("T", DataType.Int32)), [numbers, Tensor.Scalar(1f)], "input 1 is float where the op has int32");
        AssertRefused("TensorListLength", AttributeMap.Empty, [numbers], "input 0 is int32 where the op has variant");
    }

    [Fact]
    public void Inputs_of_another_number_or_rank_are_refused_by_name()
    {
        Tensor vector = NodeRun.Floats(TensorShape.Of(2), 1, 2);
        AssertRefused("MatMul", AttributeMap.Of(("T", DataType.Float)), [vector], "has 1 inputs where the op has 2");
        AssertRefused("Abs", AttributeMap.Empty, [vector, vector], "has 2 inputs where the op has 1");
        AssertRefused("MatrixDiag", AttributeMap.Empty, [Tensor.Scalar(1f)], "input must be at least 1-dim");
        AssertRefused("AdjustHue", AttributeMap.Empty, [NodeRun.Floats(TensorShape.Of(1, 3), 1, 2, 3), vector], "the adjustment must be a scalar");
        AssertRefused("TensorArraySizeV3", AttributeMap.Empty, [NodeRun.Words(), Tensor.Scalar(1f)], "is no resource handle");
    }

    [Fact]
    public void A_kernel_that_fails_is_told_with_its_inputs()
    {
        IKernel kernel = new FailingKernel();
        var node = new Node("broken", "Broken");
        Tensor[] inputs = [NodeRun.Ints(1, 2), Tensor.Scalar(1f)];
        var computing = Assert.Throws<ExecutionException>(() => KernelRun.Compute(kernel, node, DeclaredInputs.Of(node, kernel), inputs, new RunState(), CancellationToken.None));
        Assert.Equal((StatusKind.Internal, "broken"), (computing.Kind, computing.Node));
        Assert.Contains("node 'broken' (Broken): cannot be computed from int32[2], float[]", computing.Message, StringComparison.Ordinal);
        var inferring = Assert.Throws<ExecutionException>(() => KernelRun.InferShapes(kernel, DeclaredInputs.Of(node, kernel), new(node, [TensorShape.Of(2)], [null])));
        Assert.Contains("node 'broken' (Broken): cannot be computed from [2]", inferring.Message, StringComparison.Ordinal);
    }

    private static void AssertRefused(string op, AttributeMap attributes, Tensor[] inputs, string message)
    {
        var error = Assert.Throws<ExecutionException>(() => NodeRun.Run(op, attributes, inputs));
        Assert.Equal((StatusKind.InvalidArgument, "op"), (error.Kind, error.Node));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Faults(Node node, Tensor[] inputs)
    {
        string?[] faults =
        [
            Fault(() => Run(node, inputs)),
            Fault(() => Compute(node, inputs)),
            Fault(() => InferShapes(node, input => input.Shape, inputs, input => input)),
            Fault(() => InferShapes(node, input => input.Shape, inputs, _ => null)),
            Fault(() => InferShapes(node, _ => TensorShape.Unknown, inputs, _ => null)),
        ];
        return faults.OfType<string>().Select(fault => $"{GraphText.Print(node)} of {string.Join(", ", (object[])inputs)}: {fault}");
    }

    private static string? Fault(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (ExecutionException error) when (error.InnerException is null or ExecutionException)
        {
            return null;
        }
        catch (Exception error)
        {
            return (error.InnerException ?? error).ToString();
        }
    }

    /// <summary>By a plan, where one can be made.</summary>
    private static void Run(Node node, Tensor[] inputs)
    {
        var placeholders = inputs.Select((input, i) => new Node($"x{i}", "Placeholder") { Attributes = AttributeMap.Of(("dtype", input.Type)) });
        var executable = new CpuBackend().Compile(new Graph([.. placeholders, node]), ["op"], CompileOptions.Default with { Threads = 1 });
        executable.Run(inputs.Select((input, i) => (Name: $"x{i}", input)).ToDictionary(pair => pair.Name, pair => pair.input));
    }

    /// <summary>By the reference kernel, among things that the run keeps.</summary>
    private static void Compute(Node node, Tensor[] inputs)
    {
        Node complete = OpDefaults.Complete(node);
        IKernel kernel = KernelRegistry.Find(node.Op)!;
        KernelRun.Compute(kernel, complete, DeclaredInputs.Of(complete, kernel), inputs, ArgumentSweep.State(), CancellationToken.None);
    }

    private static void InferShapes(Node node, Func<Tensor, TensorShape> shape, Tensor[] inputs, Func<Tensor, Tensor?> constant)
    {
        Node complete = OpDefaults.Complete(node);
        IKernel kernel = KernelRegistry.Find(node.Op)!;
        KernelRun.InferShapes(kernel, DeclaredInputs.Of(complete, kernel), new(complete, [.. inputs.Select(shape)], [.. inputs.Select(constant)]));
    }

    private sealed class FailingKernel : IKernel
    {
        public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(node.Shapes[1][0])];

        public Tensor[] Compute(KernelCall call) => [call.Inputs[2]];
    }
}
