using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Precision;

/// <summary>
/// Computes in half precision what a graph computes in single precision, where the op takes it: constants are rounded, inputs and outputs keep their type by casts.
/// <code>
/// x = Placeholder() {dtype=float}         x = Placeholder() {dtype=float}
/// y = Relu(x) {T=float}               →   x/to_half = Cast(x)
///                                         y/half = Relu(x/to_half) {T=half}
///                                         y = Cast(y/half)
/// </code>
/// Halves the constants. Values beyond 65504 become infinite; name ops with keep_op that must stay float. A graph whose functions are not inlined is refused.
/// </summary>
[Transform("float_to_half", Summary = "Computes in half what is computed in float.", IsLossy = true)]
public sealed class FloatToHalf : Transform<FloatToHalf.Options>
{
    public sealed record Options
    {
        [Option("keep_op", "Op that stays float; may be repeated.", DefaultText = "none")]
        public ImmutableArray<string> KeepOp { get; init; } = [];
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context) => graph.Functions.IsEmpty
        ? new PrecisionChange(graph, DataType.Float, DataType.Half, node => options.KeepOp.Contains(node.Op), context).Apply()
        : throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongNode, "the graph calls functions, whose types this transform does not change", suggestion: "Run inline_functions and lower_control_flow first.");
}
