using TransformFramework.Cpu.Plans;
using TransformFramework.Execution;

namespace TransformFramework.Cpu.Analysis;

/// <summary>The kernel of a node that stands for several: it tells types and shapes of its results itself.</summary>
internal interface IPlannedKernel : IKernel
{
    /// <summary>What is known of the results.</summary>
    PlanTensor[] Outputs(PlanTensor[] inputs);
}
