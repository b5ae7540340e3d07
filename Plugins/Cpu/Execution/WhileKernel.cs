using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Analysis.Scans;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Execution;

/// <summary>A loop of two functions.</summary>
internal sealed class WhileKernel(CompiledFunction condition, CompiledFunction body, long limit) : IKernel
{
    /// <summary>Iterations that a run may take.</summary>
    public long Limit => limit;

    /// <summary>The loop as one that goes through sequences, or null.</summary>
    public ScanLoop? AsScan()
    {
        try
        {
            return ScanLoop.Of(condition.Analysis, body.Analysis, body.Arguments);
        }
        catch (ExecutionException)
        {
            // The run reports what is wrong, if it comes to it.
            return null;
        }
    }

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
