using TransformFramework.Cpu.Analysis;

namespace TransformFramework.Cpu.Plans;

/// <summary>The kernel of a node that stands for several and tells types and shapes of its results to a plan.</summary>
internal interface IPlannedKernel : IContractedKernel
{
    /// <summary>What is known of the results.</summary>
    PlanTensor[] Outputs(PlanTensor[] inputs);
}
