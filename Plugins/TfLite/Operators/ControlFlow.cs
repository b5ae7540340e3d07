using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Operators that call subgraphs, which become functions.
/// <code>
/// IF(condition, x…)     ↔   StatelessIf(condition, x…) {then_branch, else_branch}
/// WHILE(x…)             ↔   StatelessWhile(x…) {cond, body}
/// CALL(x…)              ↔   PartitionedCall(x…) {f};  STABLEHLO_COMPOSITE likewise, by its decomposition
/// CALL_ONCE             →   the subgraph's nodes, before all that have side effects
/// </code>
/// </summary>
[OperatorConverter("IF", "WHILE", "CALL", "STABLEHLO_COMPOSITE", "CALL_ONCE")]
internal sealed class ControlFlow : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        ModelFunctions model = op.Subgraph.Model;
        if (op.Name == "CALL_ONCE")
        {
            new SubgraphReader(model, op.Options.Int("init_subgraph_index"), op.Graph).Run();
            return;
        }
        ImmutableArray<Value> inputs = [.. Enumerable.Range(0, op.InputCount).Select(op.Stored)];
        AttributeValue types = AttributeValue.Types([.. Enumerable.Range(0, op.OutputCount).Select(i => Schema.TensorTypes.ToGraph(op.Output(i).Tensor.Type))]);
        NodeDraft node = op.Name switch
        {
            "IF" => op.Graph.Add("StatelessIf", [Scalar(op, inputs[0]), .. inputs[1..]], ("Tout", types),
                ("then_branch", model.Function(op.Options.Int("then_subgraph_index"))), ("else_branch", model.Function(op.Options.Int("else_subgraph_index")))),
            "WHILE" => op.Graph.Add("StatelessWhile", inputs,
                ("cond", model.Function(op.Options.Int("cond_subgraph_index"), isCondition: true)), ("body", model.Function(op.Options.Int("body_subgraph_index")))),
            _ => op.Graph.Add("PartitionedCall", inputs, ("Tout", types),
                ("f", model.Function(op.Options.Int(op.Name == "CALL" ? "subgraph" : "decomposition_subgraph_index")))),
        };
        for (int i = 0; i < op.OutputCount; i++)
            op.Output(i).DefineStored(new(node, i));
    }

    private static Value Scalar(OperatorReader op, Value condition) =>
        op.Input(0).Tensor.Shape.IsEmpty ? condition : op.Node("Reshape", [condition, op.Graph.Integers()]);
}
