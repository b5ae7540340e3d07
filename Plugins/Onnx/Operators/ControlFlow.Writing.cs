using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;
using TransformFramework.Onnx.Writing;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Onnx.Operators;

/// <summary>Writes loops, conditionals and calls, whether of functions or of Switch and Merge.</summary>
internal static partial class ControlFlow
{
    [Writes("PartitionedCall", "StatefulPartitionedCall")]
    public static void WriteCall(NodeWriter node)
    {
        var call = new FunctionScope(node, "f");
        WrittenValue[] results = call.Write(node.Graph.Target, [.. Enumerable.Range(0, node.Count).Select(node.Value)]);
        for (int i = 0; i < results.Length; i++)
            node.Set(results[i], i);
    }

    /// <summary>A condition that is known takes its branch into the graph around.</summary>
    [Writes("If", "StatelessIf")]
    public static void WriteIf(NodeWriter node)
    {
        WrittenValue[] arguments = [.. Enumerable.Range(1, node.Count - 1).Select(node.Value)];
        if (node.Constant(0) is { } known)
        {
            WrittenValue[] taken = new FunctionScope(node, known.Bytes.Span.ContainsAnyExcept((byte)0) ? "then_branch" : "else_branch").Write(node.Graph.Target, arguments);
            for (int i = 0; i < taken.Length; i++)
                node.Set(taken[i], i);
            return;
        }
        OnnxGraph then = Branch(node, "then_branch", arguments);
        OnnxGraph otherwise = Branch(node, "else_branch", arguments);
        Set(node, Truth(node, node[0]), then, otherwise);
    }

    private static OnnxGraph Branch(NodeWriter node, string attribute, WrittenValue[] arguments)
    {
        var body = new GraphWriter(node.Graph.Context, node.Graph.Graph, node.Graph);
        foreach (WrittenValue result in new FunctionScope(node, attribute).Write(body.Target, arguments, node.Graph))
            LoopWriter.AddOutput(body, result[Layout.Original] ?? body.Transposed(result));
        return body.Target;
    }

    private static void Set(NodeWriter node, Operand condition, OnnxGraph then, OnnxGraph otherwise)
    {
        if (then.Outputs.Count != otherwise.Outputs.Count || then.Outputs.Zip(otherwise.Outputs).Any(pair => pair.First.Type.ElementType != pair.Second.Type.ElementType))
            throw OnnxDiagnostics.Mismatch("its branches give different types");
        ValueInfo[] infos = [.. then.Outputs.Zip(otherwise.Outputs, (left, right) => ValueInfo.Common(Info(left), Info(right)))];
        var choice = new OnnxNode("If", "", [], [], new Dictionary<string, object> { ["then_branch"] = then, ["else_branch"] = otherwise });
        Operand[] results = node.Graph.Add(node.Node.Name, choice, [condition], infos);
        for (int i = 0; i < results.Length; i++)
            node.Set(results[i], port: i);

        static ValueInfo Info(OnnxValue value) => new(ElementTypes.ToDataType(value.Type.ElementType), value.Type.Shape);
    }

    /// <summary>Any number as a truth value; a tensor that is no scalar is true when it has elements.</summary>
    private static Operand Truth(NodeWriter node, Operand condition) => condition.Info.Shape switch
    {
        { Rank: 0 or -1 } => node.Cast(condition, DataType.Bool),
        { IsFullyKnown: true } shape => node.Const(Tensor.Create<bool>(DataType.Bool, TensorShape.Scalar, [shape.ElementCount > 0])),
        _ => throw OnnxDiagnostics.Decline("its condition is a tensor of unknown size"),
    };

    [Writes("While", "StatelessWhile")]
    public static void WriteWhile(NodeWriter node)
    {
        WrittenValue[] initial = [.. Enumerable.Range(0, node.Count).Select(node.Value)];
        var condition = new FunctionScope(node, "cond");
        var body = new FunctionScope(node, "body");
        bool[] counters = [.. Enumerable.Range(0, node.Count).Select(i => IsZero(initial[i]) && body.Counts(i))];
        var parts = new LoopParts(initial, counters, new bool[initial.Length],
            (target, values) => Truth(node, condition.Write(target, values)[0].Operand),
            (writer, values) => body.Write(writer.Target, values, node.Graph));
        IReadOnlyList<WrittenValue> results = LoopWriter.Write(node, parts);
        for (int i = 0; i < results.Count; i++)
            node.Set(results[i], i);
    }

    private static bool IsZero(WrittenValue value) => value.Info.Elements is { IsDefault: false, Length: 1 } elements && elements[0] == 0;

    /// <summary>The first Exit of a frame writes its loop; the others are given with it.</summary>
    [Writes("Exit", "RefExit")]
    public static void WriteFrame(NodeWriter node)
    {
        if (node.Graph.IsBound(NodeInput.Data(node.Node.Name)))
            return;
        GraphWriter outer = node.Graph;
        FrameLoop frame = WriteOrder.LoopOf(outer.Graph, node.Node);
        WrittenValue[] initial = [.. frame.Variables.Select(variable => outer[variable.Initial])];
        bool[] counters = [.. frame.Variables.Select((variable, i) => IsZero(initial[i]) && Counts(outer.Graph, variable))];
        bool[] isJoined = [.. frame.Variables.Select(variable => variable.Exit is { } exit && outer.Graph.ConsumersOf(exit).Any(consumer => consumer.Node.Op == "TensorArrayConcatV3"))];
        var parts = new LoopParts(initial, counters, isJoined,
            (target, values) =>
            {
                var scope = new GraphWriter(outer.Context, outer.Graph, outer, target);
                Bind(scope, frame, values);
                scope.Write([frame.Condition]);
                return scope[frame.Condition].Operand;
            },
            (body, values) =>
            {
                Bind(body, frame, values);
                body.Write(frame.Variables.Select(variable => variable.Next));
                return [.. frame.Variables.Select(variable => body[variable.Next])];
            });
        IReadOnlyList<WrittenValue> results = LoopWriter.Write(node, parts);
        for (int i = 0; i < results.Count; i++)
        {
            if (frame.Variables[i].Exit is { } exit)
                outer.Bind(NodeInput.Data(exit.Name), results[i]);
        }
    }

    private static void Bind(GraphWriter scope, FrameLoop frame, IReadOnlyList<WrittenValue> values)
    {
        for (int i = 0; i < values.Count; i++)
        {
            scope.Bind(NodeInput.Data(frame.Variables[i].Merge.Name), values[i]);
            scope.Bind(NodeInput.Data(frame.Variables[i].Switch.Name, 1), values[i]);
        }
    }

    /// <summary>True when each iteration adds 1.</summary>
    private static bool Counts(Graph graph, FrameVariable variable)
    {
        if (Source(graph, variable.Next) is not { Op: "Add" or "AddV2" } sum)
            return false;
        Node?[] sides = [.. sum.DataInputs.Select(input => Source(graph, input))];
        bool addsOne = Array.Exists(sides, side => side?.TensorAttribute("value") is { ElementCount: 1, IsDecodable: true, Type: DataType.Int32 or DataType.Int64 } one && Tensors.ToLongs(one)[0] == 1);
        return addsOne && Array.Exists(sides, side => side is not null && (side.Name == variable.Merge.Name || side.Name == variable.Switch.Name));
    }

    private static Node? Source(Graph graph, NodeInput input)
    {
        Node? node = graph.Find(input.Node);
        while (node is { Op: "Identity" or "Enter" })
            node = graph.Find(node.Inputs[0].Node);
        return node;
    }

    /// <summary>A condition that is known passes its input on; another one does so inside the branches.</summary>
    [Writes("Switch", "RefSwitch")]
    public static void WriteSwitch(NodeWriter node)
    {
        if (node.Constant(1) is null)
            throw OnnxDiagnostics.Decline("a switch outside of a loop or conditional");
        node.Set(node.Value(0), 0);
        node.Set(node.Value(0), 1);
    }

    [Writes("Merge", "RefMerge", Declines = "conditionals whose branches are not told apart by one condition")]
    public static void WriteMerge(NodeWriter node)
    {
        GraphWriter outer = node.Graph;
        MergeConditional conditional = WriteOrder.ConditionalOf(outer.Graph, node.Node);
        NodeInput[] sides = [.. node.Node.DataInputs];
        Operand condition = outer[conditional.Condition].Operand;
        if (condition.Info.Constant is { } known)
        {
            NodeInput taken = sides[known.Bytes.Span[0] != 0 ? conditional.TrueSlot : 1 - conditional.TrueSlot];
            outer.Write([taken]);
            node.Set(outer[taken]);
            return;
        }
        Set(node, condition, Side(outer, conditional, sides[conditional.TrueSlot], 1), Side(outer, conditional, sides[1 - conditional.TrueSlot], 0));
    }

    private static OnnxGraph Side(GraphWriter outer, MergeConditional conditional, NodeInput result, int port)
    {
        var body = new GraphWriter(outer.Context, outer.Graph, outer);
        foreach (Node entry in conditional.Switches)
            body.Bind(NodeInput.Data(entry.Name, port), outer[entry.Inputs[0]]);
        body.Write([result]);
        LoopWriter.AddOutput(body, body.Read(result, Layout.Original));
        return body.Target;
    }

    [Writes("NextIteration", "LoopCond")]
    public static void WriteLoopNode(NodeWriter node) => node.Set(node.Value(0));
}
