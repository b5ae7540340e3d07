using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

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
[OperatorConverter("IF", "WHILE", "CALL", "STABLEHLO_COMPOSITE", "CALL_ONCE",
    Nodes = ["If", "StatelessIf", "While", "StatelessWhile", "PartitionedCall", "StatefulPartitionedCall"])]
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

    public override void Write(NodeWriter node)
    {
        switch (node.Node.Op)
        {
            case "If" or "StatelessIf":
                WriteIf(node);
                break;
            case "While" or "StatelessWhile":
                WriteWhile(node);
                break;
            default:
                WriteCall(node);
                break;
        }
    }

    private static void WriteIf(NodeWriter node)
    {
        TensorDraft[] arguments = [.. Enumerable.Range(1, node.InputCount - 1).Select(node.In)];
        var (then, results) = node.Subgraph.Model.Function(node, "then_branch", arguments);
        var (other, _) = node.Subgraph.Model.Function(node, "else_branch", arguments);
        Results(node, "IF", [Condition(node), .. arguments], results, ("then_subgraph_index", then), ("else_subgraph_index", other));
    }

    /// <summary>Any number as a truth value.</summary>
    private static TensorDraft Condition(NodeWriter node)
    {
        TensorDraft condition = node.In(0);
        if (condition.Rank != 0)
            throw node.Decline("its condition must be a scalar");
        return condition.Type switch
        {
            TensorType.Bool => condition,
            TensorType.Float32 => node.Emit("NOT_EQUAL", [condition, node.Constant(0f)], TensorType.Bool),
            TensorType.Int32 => node.Emit("NOT_EQUAL", [condition, node.Constant(Tensor.Scalar(0))], TensorType.Bool),
            TensorType.Int64 => node.Emit("NOT_EQUAL", [condition, node.Constant(Tensor.Create<long>(DataType.Int64, TensorShape.Scalar, [0L]))], TensorType.Bool),
            var other => throw node.Decline($"its condition is of {other.Name()}"),
        };
    }

    private static void WriteWhile(NodeWriter node)
    {
        TensorDraft[] arguments = [.. Enumerable.Range(0, node.InputCount).Select(node.In)];
        var (condition, _) = node.Subgraph.Model.Function(node, "cond", arguments);
        var (body, results) = node.Subgraph.Model.Function(node, "body", arguments);
        Results(node, "WHILE", [.. arguments], results, ("cond_subgraph_index", condition), ("body_subgraph_index", body));
    }

    private static void WriteCall(NodeWriter node)
    {
        string name = ((FunctionValue)node.Node.Attributes["f"]).Name;
        if (name is DynamicQuantization.Asymmetric or DynamicQuantization.Symmetric)
        {
            node.Out(node.Subgraph.Model.Dynamic(node.In(0), name == DynamicQuantization.Asymmetric));
            return;
        }
        if (name == Softmax16.Function)
        {
            WriteSoftmax16(node);
            return;
        }
        IReadOnlyList<TensorDraft> results = node.Subgraph.Model.Inline(node, name);
        for (int i = 0; i < results.Count; i++)
            node.Out(results[i], i);
    }

    private static void WriteSoftmax16(NodeWriter node)
    {
        double factor = node.Required(1).AsSpan<double>()[0] / node.Required(2).AsSpan<double>()[0];
        TensorDraft x = node.In(0);
        x.Quantization = new([(float)Softmax16.ScaleOf(factor)], [0], 0);
        TensorDraft result = node.Emit("SOFTMAX", [x], ("beta", 1f));
        result.Quantization = new([Softmax16.ResultScale], [0], 0);
        node.Out(result);
    }

    private static void Results(NodeWriter node, string op, List<TensorDraft?> inputs, IReadOnlyList<TensorDraft> results, params ReadOnlySpan<(string, object)> options)
    {
        List<TensorDraft> outputs = node.EmitMany(op, inputs, [.. results.Select(result => result.Type)], options);
        for (int i = 0; i < outputs.Count; i++)
        {
            outputs[i].Shapes = results[i].Shapes;
            outputs[i].Quantization = results[i].Quantization;
            node.Out(outputs[i], i);
        }
    }
}
