using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Transforms;

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

    /// <summary>A function compiled when it is first called, so that functions may call themselves.</summary>
    private sealed class CompiledFunction(Graph graph, FunctionDefinition function, AttributeMap attributes, CompileOptions options)
    {
        private readonly Lazy<(Executable Executable, string[] Arguments)> compiled = new(() => Compile(graph, function, attributes, options));

        public Tensor[] Run(IReadOnlyList<Tensor> arguments, RunState state, CancellationToken cancellation)
        {
            if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
                throw new ExecutionException(StatusKind.OutOfRange, $"the function '{function.Signature.Name}' is called within itself too deeply; it may never end");
            var (executable, names) = compiled.Value;
            var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
            for (int i = 0; i < names.Length; i++)
                feeds.Add(names[i], arguments[i]);
            return [.. executable.RunWithin(state, null, feeds, cancellation)];
        }

        private static (Executable Executable, string[] Arguments) Compile(Graph graph, FunctionDefinition function, AttributeMap attributes, CompileOptions options)
        {
            string[] names = [.. function.Signature.Inputs.Select(input => "argument/" + input.Name)];
            try
            {
                var body = new FunctionBody(graph.Functions, function, attributes, [.. names.Select(name => new NodeInput(name))], name => name);
                var placeholders = names.Select(name => new Node(name, "Placeholder"));
                string[] outputs = [.. body.Results.Select(result => result.Text)];
                var inner = graph.WithNodes([.. placeholders, .. body.Nodes]);
                return (Executable.Compile(inner, outputs, options with { Feeds = [] }, body.ControlReturns), names);
            }
            catch (TransformException error)
            {
                throw new ExecutionException(error.Kind, $"function '{function.Signature.Name}': {error.Message}", null, error);
            }
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

    private sealed class WhileKernel(CompiledFunction condition, CompiledFunction body, long limit) : IKernel
    {
        public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

        public Tensor[] Compute(KernelCall call)
        {
            Tensor[] variables = [.. call.Inputs];
            for (long i = 0; Condition.IsTrue(condition.Run(variables, call.State, call.Cancellation)[0]); i++)
            {
                if (i >= limit)
                    throw new ExecutionException(StatusKind.OutOfRange, $"the loop has run {i} iterations without ending; raise the limit if that is meant");
                call.Cancellation.ThrowIfCancellationRequested();
                variables = body.Run(variables, call.State, call.Cancellation)[..variables.Length];
            }
            return variables;
        }
    }
}
