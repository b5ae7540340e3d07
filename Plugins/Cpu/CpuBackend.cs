using System.Runtime.CompilerServices;
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
    /// <summary>Chooses kernels on a thread of its own, while the caller reads its graph: emitted kernels are tested before they are used, which takes as long as a run of a small network.</summary>
    public CpuBackend()
    {
        if (Environment.ProcessorCount > 1)
            new Thread(ChooseKernels) { IsBackground = true, Name = "CPU backend's kernels" }.Start();
    }

    public string InstructionSet => MicrokernelCatalog.Selected.Name;

    public IEnumerable<MicrokernelInfo> Microkernels => MicrokernelTrials.All;

    public bool Supports(string op) => KernelRegistry.Find(op) is not null || NodeKinds.Of(op) != NodeKind.Kernel;

    public IExecutable Compile(Graph graph, IReadOnlyList<string> outputs, CompileOptions options) =>
        Refusing(() => Executable.Compile(graph, outputs, options, []));

    public IReadOnlyDictionary<string, TensorShape[]> InferShapes(Graph graph, CompileOptions options) => Refusing(() => ShapeInferencePass.Run(graph, options.Kernels));

    private static void ChooseKernels()
    {
        try
        {
            RuntimeHelpers.RunClassConstructor(typeof(MicrokernelCatalog).TypeHandle);
        }
        catch (TypeInitializationException)
        {
            // The first plan that needs kernels reports it.
        }
    }

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
