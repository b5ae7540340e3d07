using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;

namespace TransformFramework.Execution;

/// <summary>Registers a class as a backend under a name.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class BackendAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>Turns graphs into something that runs.</summary>
public interface IBackend
{
    /// <summary>Name of the instruction set that the kernels use, for reports; empty when there is nothing to say.</summary>
    string InstructionSet => "";

    /// <summary>The inner loops by name, also those that this machine cannot run; none where there is nothing to list.</summary>
    IEnumerable<MicrokernelInfo> Microkernels => [];

    /// <summary>Op types that this backend has a kernel for.</summary>
    bool Supports(string op);

    /// <summary>Compiles what the outputs need. Outputs and feeds are spelt <c>node</c> or <c>node:port</c>.</summary>
    /// <exception cref="ExecutionException">An output does not exist, or a node has an unsupported op, type or attribute.</exception>
    IExecutable Compile(Graph graph, IReadOnlyList<string> outputs, CompileOptions options);

    /// <summary>Shapes of the outputs of each node, as far as they are known without running the graph; a node that is absent, or an output past the list, is unknown.</summary>
    /// <exception cref="ExecutionException">InvalidArgument: the shapes of a node's inputs do not fit its op.</exception>
    IReadOnlyDictionary<string, TensorShape[]> InferShapes(Graph graph, CompileOptions options) => new Dictionary<string, TensorShape[]>();
}

/// <summary>Choices of a compilation.</summary>
public sealed record CompileOptions
{
    public static readonly CompileOptions Default = new();

    /// <summary>Tensors that runs will feed; graph placeholders need not be listed.</summary>
    public ImmutableArray<string> Feeds { get; init; } = [];

    /// <summary>Worker threads; 0 for one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>Computes every node by its reference kernel: slower, but rounded as in the original's op, whatever is around the node.</summary>
    public bool UseReferenceKernels { get; init; }

    /// <summary>Numbers that convolutions and matrix products with constant weights take.</summary>
    public FloatPrecision Precision { get; init; }

    /// <summary>
    /// Computes every float convolution as the sum of its products. Without it 3 × 3 convolutions of many channels run by Winograd's F(2 × 2, 3 × 3) where that is faster: 2.25 times fewer products, results within 2·10⁻⁶ of
    /// the largest magnitude. 1 × 1 convolutions of many channels and pixels run by Strassen's product: an eighth fewer products, the same bound.
    /// </summary>
    public bool DirectConvolution { get; init; }

    /// <summary>
    /// Says that outputs will be taken one after the other, by <see cref="IExecutable.Run(IReadOnlyDictionary{string, Tensor}, Action{int, Tensor}, CancellationToken)"/>: the memory of one that was handed over may hold what is computed next. So a run
    /// for all tensors of a graph takes little more memory than one for its results. Other runs give the same results and copy each of them.
    /// </summary>
    public bool HandsOutputsOver { get; init; }

    /// <summary>Iterations after which a loop is given up as endless.</summary>
    public long MaxLoopIterations { get; init; } = 1_000_000;

    /// <summary>Receives the lines of Print nodes; null drops them.</summary>
    public Action<string>? Print { get; init; }

    /// <summary>Receives each step of each run when it is done, from the thread that runs the graph; null measures nothing. A call of a function is one step.</summary>
    public Action<StepTiming>? Profile { get; init; }

    /// <summary>Kernels that other plugins bring, by op; they go before the backend's own.</summary>
    public ImmutableDictionary<string, IKernel> Kernels { get; init; } = ImmutableDictionary<string, IKernel>.Empty;
}

/// <summary>A compiled graph. Thread-safe: each run has its own memory.</summary>
public interface IExecutable
{
    /// <summary>Names of the outputs, as asked for.</summary>
    ImmutableArray<string> Outputs { get; }

    /// <summary>Runs the graph.</summary>
    /// <returns>One tensor per output, in the order of <see cref="Outputs"/>.</returns>
    /// <exception cref="ExecutionException">A feed is missing or misshapen, or a kernel refuses its inputs.</exception>
    ImmutableArray<Tensor> Run(IReadOnlyDictionary<string, Tensor> feeds, CancellationToken cancellation = default);

    /// <summary>Runs the graph and hands each output over, most of them as soon as they are computed, so that nothing is copied.</summary>
    /// <param name="feeds">Tensors by name.</param>
    /// <param name="receive">Takes the number of an output in <see cref="Outputs"/> and its tensor, whose elements are there during the call only. It is called by the thread that runs the graph.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="ExecutionException">A feed is missing or misshapen, or a kernel refuses its inputs.</exception>
    void Run(IReadOnlyDictionary<string, Tensor> feeds, Action<int, Tensor> receive, CancellationToken cancellation = default)
    {
        var results = Run(feeds, cancellation);
        for (int i = 0; i < results.Length; i++)
            receive(i, results[i]);
    }

    /// <summary>Runs the graph into the caller's buffers, one for each output in the order of <see cref="Outputs"/>, each as long as its output's little-endian elements.</summary>
    /// <exception cref="ExecutionException">A feed is missing or misshapen, a kernel refuses its inputs, or a buffer has not its output's size.</exception>
    void Run(IReadOnlyDictionary<string, Tensor> feeds, ReadOnlySpan<Memory<byte>> outputs, CancellationToken cancellation = default)
    {
        if (outputs.Length != Outputs.Length)
            throw new ExecutionException(StatusKind.InvalidArgument, $"{outputs.Length} buffers for {Outputs.Length} outputs; give one buffer for each output");
        var results = Run(feeds, cancellation);
        for (int i = 0; i < outputs.Length; i++)
        {
            ReadOnlyMemory<byte> result = results[i].Bytes;
            if (outputs[i].Length != result.Length)
                throw new ExecutionException(StatusKind.InvalidArgument, $"the buffer of output '{Outputs[i]}' has {outputs[i].Length} bytes, the result {result.Length}; give it a buffer of that size");
            result.CopyTo(outputs[i]);
        }
    }
}
