using TransformFramework.Execution;

namespace TransformFramework.Cpu.Analysis;

/// <summary>The kernel of a node that stands for several: what its results are is known, though no plugin declares the node's op.</summary>
internal interface IContractedKernel : IKernel;
