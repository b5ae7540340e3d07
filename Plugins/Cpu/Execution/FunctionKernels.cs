using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Execution;

/// <summary>Kernels of nodes that call functions of the graph's library: calls, conditionals, loops.</summary>
internal static class FunctionKernels
{
    /// <summary>The kernel of a calling node, or null when the node does not call a function.</summary>
    public static IKernel? Of(Node node, Graph graph, CompileOptions options)
    {
        options = options with { Profile = null };
        switch (node.Op)
        {
            case "PartitionedCall" or "StatefulPartitionedCall":
                return new CallKernel(Body("f"));
            case "If" or "StatelessIf":
                return new IfKernel(Body("then_branch"), Body("else_branch"));
            case "Case" or "StatelessCase":
                return new CaseKernel(Branches());
            case "While" or "StatelessWhile":
                return new WhileKernel(Body("cond"), Body("body"), options.MaxLoopIterations);
            default:
                return graph.Functions.Find(node.Op) is { } function ? new CallKernel(new(graph, function, node.Attributes, options)) : null;
        }

        CompiledFunction[] Branches() =>
            node.Attributes.TryGetValue("branches", out var value) && value is ListValue { Items.IsEmpty: false } list && list.Items.All(item => item is FunctionValue)
                ? [.. list.Items.Select(item => Compiled((FunctionValue)item))]
                : throw new ExecutionException(StatusKind.NotFound, $"node '{node.Name}' ({node.Op}) has no functions in its attribute 'branches'", node.Name);

        CompiledFunction Body(string attribute) => node.TryFunction(attribute, out var called)
            ? Compiled(called)
            : throw new ExecutionException(StatusKind.NotFound, $"node '{node.Name}' ({node.Op}) has no function in its attribute '{attribute}'", node.Name);

        CompiledFunction Compiled(FunctionValue called)
        {
            FunctionDefinition function = graph.Functions.Find(called.Name)
                ?? throw new ExecutionException(StatusKind.NotFound, $"node '{node.Name}' ({node.Op}): the graph's library has no function '{called.Name}'", node.Name);
            return new(graph, function, called.Attributes, options);
        }
    }

    private sealed class CallKernel(CompiledFunction body) : IKernel
    {
        public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

        public Tensor[] Compute(KernelCall call) => body.Run(call.Inputs, call.State, call.Cancellation);
    }

    private sealed class IfKernel(CompiledFunction then, CompiledFunction otherwise) : IKernel
    {
        public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

        public Tensor[] Compute(KernelCall call) =>
            (Condition.IsTrue(call.Inputs[0]) ? then : otherwise).Run([.. call.Inputs.Skip(1)], call.State, call.Cancellation);
    }

    /// <summary>Calls the branch of a number; one that is out of range calls the last.</summary>
    private sealed class CaseKernel(CompiledFunction[] branches) : IKernel
    {
        public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

        public Tensor[] Compute(KernelCall call)
        {
            long number = Integers.Scalar(call.Inputs[0], "branch_index");
            return branches[number < 0 || number >= branches.Length ? ^1 : (int)number].Run([.. call.Inputs.Skip(1)], call.State, call.Cancellation);
        }
    }
}
