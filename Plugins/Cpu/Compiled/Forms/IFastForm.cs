using TransformFramework.Cpu.Planning;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>Turns nodes of some ops into fast steps.</summary>
internal interface IFastForm
{
    /// <summary>Adds the steps that compute a node, perhaps with some that follow it; false when the node has to be left to its reference kernel.</summary>
    bool TryLower(ProgramNode node, PlanBuilder builder);
}
