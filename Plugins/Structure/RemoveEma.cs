using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Replaces the moving averages of ranges that fake-quantized training left in a frozen graph by their constants.
/// <code>
/// q = FakeQuantWithMinMaxVars(x, Assign(min, …), Assign(max, …))   →   q = FakeQuantWithMinMaxVars(x, min, max)
/// </code>
/// The attributes narrow_range and num_bits must be there. The original refers to the first output of x's node whatever port was read; without
/// --verbatim the port is kept.
/// </summary>
[Transform("remove_ema", Summary = "Replaces trained moving averages of ranges by constants.", IsClassic = true)]
public sealed class RemoveEma : Transform
{
    private static readonly OpPattern MovingAverages = OpPattern.Of(
        "FakeQuantWithMinMaxVars",
        "*",
        OpPattern.Of(
            "Assign",
            "Const",
            OpPattern.Of(
                "Merge",
                OpPattern.Of("Switch", OpPattern.Of("Min", "*", OpPattern.Of("Range", "*", "*", "*")), "IsVariableInitialized"),
                Update)),
        OpPattern.Of("Assign", "Const", OpPattern.Of("Merge", OpPattern.Of("Switch", "Max", "IsVariableInitialized"), Update)));

    private static OpPattern Update => OpPattern.Of("Sub", "Const", OpPattern.Of("Mul", "Sub", OpPattern.Of("Sub", "Const", "Const")));

    protected override Graph Apply(Graph graph, TransformContext context) =>
        PatternReplacement.Apply(graph, MovingAverages, site => Replace(site.Match, context)).AsNodesOnly(context);

    private static Node[] Replace(NodeMatch match, TransformContext context)
    {
        Node quantize = match.Node;
        Node input = match.Inputs[0].Node;
        Node min = match.Inputs[1].Inputs[0].Node;
        Node max = match.Inputs[2].Inputs[0].Node;
        var attributes = AttributeMap.Empty;
        foreach (string name in new[] { "narrow_range", "num_bits" })
        {
            if (!quantize.Attributes.TryGetValue(name, out var value))
                throw new TransformException(StatusKind.Aborted, $"attribute '{name}' of '{quantize.Name}' is absent", quantize.Name) { Suggestion = "Run add_default_attributes first." };
            attributes = attributes.With(name, value);
        }
        context.Count("moving averages removed");
        NodeInput source = context.IsVerbatim ? input.Name : quantize.DataInputs.First();
        return [input, min, max, new Node(quantize.Name, quantize.Op, [source, min.Name, max.Name], attributes)];
    }
}
