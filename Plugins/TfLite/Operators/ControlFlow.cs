using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Operators that call subgraphs, which become functions.
/// <code>
/// IF(condition, x…)     ↔   StatelessIf(condition, x…) {then_branch, else_branch}
/// WHILE(x…)             ↔   StatelessWhile(x…) {cond, body}
/// WHILE(x…)             ←   Enter, Merge, Switch, NextIteration and Exit of a frame
/// IF(condition, x…)     ←   Switch and Merge
/// CALL(x…)              ↔   PartitionedCall(x…) {f};  STABLEHLO_COMPOSITE likewise, by its decomposition
/// CALL_ONCE             →   the subgraph's nodes, before all that have side effects
/// </code>
/// </summary>
[OperatorConverter("IF", "WHILE", "CALL", "STABLEHLO_COMPOSITE", "CALL_ONCE",
    Nodes = ["If", "StatelessIf", "While", "StatelessWhile", "PartitionedCall", "StatefulPartitionedCall", "Exit", "RefExit", "Merge", "RefMerge", "NextIteration", "RefNextIteration", "LoopCond"])]
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
            case "Exit" or "RefExit":
                WriteFrame(node);
                break;
            case "Merge" or "RefMerge":
                WriteMerge(node);
                break;
            case "NextIteration" or "RefNextIteration" or "LoopCond":
                node.Out(node.In(0));
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
        var (other, others) = node.Subgraph.Model.Function(node, "else_branch", arguments);
        Results(node, [Condition(node, node.In(0)), .. arguments], (then, results), (other, others));
    }

    /// <summary>The branches of a conditional get everything that enters one of them.</summary>
    private static void WriteMerge(NodeWriter node)
    {
        SubgraphWriter outer = node.Subgraph;
        MergeConditional conditional = outer.ConditionalOf(node.Node);
        NodeInput[] sides = [.. node.Node.DataInputs];
        TensorDraft[] arguments = [.. conditional.Switches.Select(entry => outer.Read(entry.Inputs[0], node.Node))];
        (int Index, IReadOnlyList<TensorDraft> Results) Branch(int port)
        {
            NodeInput[][] references = [.. conditional.Switches.Select(entry => (NodeInput[])[NodeInput.Data(entry.Name, port)])];
            TensorDraft[] inputs = [.. arguments.Select(argument => argument.Constant is null ? new TensorDraft(argument.Name, argument.Type) { Shapes = argument.Shapes, Quantization = argument.Quantization } : argument)];
            return outer.Model.Subgraph(new(port == 1 ? "then" : "else", outer.Graph, references, [sides[port == 1 ? conditional.TrueSlot : 1 - conditional.TrueSlot]]), inputs, [.. arguments.Select(argument => argument.Constant is not null)]);
        }
        Results(node, [Condition(node, outer.Read(conditional.Condition, node.Node)), .. arguments.Where(argument => argument.Constant is null)], Branch(1), Branch(0));
    }

    /// <summary>Any number as a truth value.</summary>
    private static TensorDraft Condition(NodeWriter node, TensorDraft condition)
    {
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
        ModelWriter model = node.Subgraph.Model;
        TensorDraft[] results = LoopWriter.Write(node, [.. Enumerable.Range(0, node.InputCount).Select(node.In)], model.Scope(node, "cond"), model.Scope(node, "body"));
        for (int i = 0; i < results.Length; i++)
            node.Out(results[i], i);
    }

    /// <summary>The first Exit of a frame writes its loop; the others are given with it.</summary>
    private static void WriteFrame(NodeWriter node)
    {
        SubgraphWriter outer = node.Subgraph;
        if (outer.Find(NodeInput.Data(node.Node.Name)) is not null)
            return;
        FrameLoop loop = outer.LoopOf(node.Node);
        NodeInput[][] arguments =
        [
            .. loop.Variables.Select(variable => (NodeInput[])[NodeInput.Data(variable.Merge.Name), NodeInput.Data(variable.Switch.Name, 1)]),
            .. loop.Invariants.Select(enter => (NodeInput[])[NodeInput.Data(enter.Name)]),
        ];
        NodeInput[] initial = [.. loop.Variables.Select(variable => variable.Initial), .. loop.Invariants.Select(enter => enter.Inputs[0])];
        NodeInput[] next = [.. loop.Variables.Select(variable => variable.Next), .. loop.Invariants.Select(enter => NodeInput.Data(enter.Name))];
        TensorDraft[] results = LoopWriter.Write(node, [.. initial.Select(input => outer.Read(input, node.Node))],
            new("condition", outer.Graph, arguments, [loop.Condition]), new("body", outer.Graph, arguments, next));
        for (int i = 0; i < loop.Variables.Count; i++)
        {
            if (loop.Variables[i].Exit is { } exit)
                outer.Define(NodeInput.Data(exit.Name), results[i]);
        }
    }

    private static void WriteCall(NodeWriter node)
    {
        string name = ((FunctionValue)node.Node.Attributes["f"]).Name;
        if (name is DynamicQuantization.Asymmetric or DynamicQuantization.Symmetric)
        {
            node.Out(node.Subgraph.Model.Dynamic(node.In(0), name == DynamicQuantization.Asymmetric));
            return;
        }
        if (name is DetectionFunctions.Fast or DetectionFunctions.ByClass)
        {
            DetectionPostProcess.WriteCall(node, name == DetectionFunctions.ByClass);
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

    /// <summary>An IF of two subgraphs. Dimensions that they do not have in common are free.</summary>
    private static void Results(NodeWriter node, List<TensorDraft?> inputs, (int Index, IReadOnlyList<TensorDraft> Results) then, (int Index, IReadOnlyList<TensorDraft> Results) other)
    {
        bool isSame = then.Results.Count == other.Results.Count && then.Results.Zip(other.Results).All(pair => pair.First.Type == pair.Second.Type && pair.First.Rank == pair.Second.Rank);
        if (!isSame)
            throw node.Decline("its branches give different types or numbers of dimensions");
        List<TensorDraft> outputs = node.EmitMany("IF", inputs, [.. then.Results.Select(result => result.Type)], ("then_subgraph_index", then.Index), ("else_subgraph_index", other.Index));
        for (int i = 0; i < outputs.Count; i++)
        {
            outputs[i].Shapes = ShapeRules.Common(then.Results[i].Shapes, other.Results[i].Shapes);
            outputs[i].Quantization = then.Results[i].Quantization;
            node.Out(outputs[i], i);
        }
    }
}
