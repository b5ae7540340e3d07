using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Scan;

/// <summary>The kernel of a loop through sequences.</summary>
internal interface IScanKernel : IPlannedKernel
{
    /// <summary>The node of the loop.</summary>
    Node Loop { get; }

    /// <summary>The loop for inputs of known types and shapes; null where it has to run node by node.</summary>
    ResolvedScan? Resolve(PlanTensor[] inputs);
}
