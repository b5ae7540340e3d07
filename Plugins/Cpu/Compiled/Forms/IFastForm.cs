using TransformFramework.Cpu.Planning;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>Turns nodes of some ops into fast steps.</summary>
internal interface IFastForm
{
    /// <summary>True when the steps give the bits of the reference kernels. Programs that quantize as the original does take no others, as the last bit of a number may decide over a code.</summary>
    bool IsExact { get; }

    /// <summary>Adds the steps that compute a node, perhaps with some that follow it; false when the node has to be left to its reference kernel.</summary>
    bool TryLower(ProgramNode node, PlanBuilder builder);
}
