using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Precision;

/// <summary>
/// Computes in single precision what a graph computes in half precision: constants are widened, inputs and outputs keep their type by casts.
/// <code>
/// x = Placeholder() {dtype=half}          x = Placeholder() {dtype=half}
/// y = Relu(x) {T=half}                →   x/to_float = Cast(x)
///                                         y/float = Relu(x/to_float) {T=float}
///                                         y = Cast(y/float)
/// </code>
/// Results differ from those in half precision by less rounding. A graph whose functions are not inlined is refused.
/// </summary>
[Transform("half_to_float", Summary = "Computes in float what is computed in half.", IsLossy = true)]
public sealed class HalfToFloat : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context) => graph.Functions.IsEmpty
        ? new PrecisionChange(graph, DataType.Half, DataType.Float, _ => false, context).Apply()
        : throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongNode, "the graph calls functions, whose types this transform does not change", suggestion: "Run inline_functions and lower_control_flow first.");
}
