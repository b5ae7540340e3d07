using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Execution;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Trials;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu;

/// <summary>Runs graphs on the CPU, in managed code only.</summary>
[Backend("cpu")]
public sealed class CpuBackend : IBackend
{
    public string InstructionSet => MicrokernelCatalog.Selected.Name;

    public IEnumerable<MicrokernelInfo> Microkernels => MicrokernelTrials.All;

    public bool Supports(string op) => KernelRegistry.Find(op) is not null || NodeKinds.Of(op) != NodeKind.Kernel;

    public IExecutable Compile(Graph graph, IReadOnlyList<string> outputs, CompileOptions options) =>
        Refusing(() => Executable.Compile(graph, outputs, options, []));

    public IReadOnlyDictionary<string, TensorShape[]> InferShapes(Graph graph, CompileOptions options) => Refusing(() => ShapeInferencePass.Run(graph, options.Kernels));

    /// <summary>Reports a node that lacks an attribute as a graph that cannot be compiled.</summary>
    private static T Refusing<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (AttributeException error)
        {
            throw new ExecutionException(StatusKind.InvalidArgument, error.Message, error.Node, error);
        }
    }
}
