using TransformFramework.Cpu.Analysis;

namespace TransformFramework.Cpu.Plans;

/// <summary>Turns nodes of some ops into fast operators.</summary>
internal interface ILowering
{
    /// <summary>True when the operators give the bits of the reference kernels. Graphs that quantize as the original does take no others, as the last bit of a number may decide over a quantized value.</summary>
    bool IsExact { get; }

    /// <summary>Adds the operators that compute a node, perhaps with some that follow it; false when the node has to be left to its reference kernel.</summary>
    bool TryLower(AnalyzedNode node, PlanBuilder builder);
}
