using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>If, Loop and Scan as StatelessIf and StatelessWhile of functions.</summary>
internal static partial class ControlFlow
{
    /// <summary>Readings of a body until the shapes of its variables do not change from one iteration to the next.</summary>
    private const int MostReadings = 4;

    /// <summary>A condition that is known takes its branch into the graph.</summary>
    [Reads("If")]
    public static void ReadIf(NodeReader node)
    {
        if (node.Constant(0) is { Type: DataType.Bool, ElementCount: 1 } known)
        {
            Inline(node, node.Body(known.Bytes.Span[0] != 0 ? "then_branch" : "else_branch"));
            return;
        }
        var then = new BodyReader(node, node.Body("then_branch"));
        var otherwise = new BodyReader(node, node.Body("else_branch"));
        IReadOnlyList<ReadValue> thenResults = then.Read(node);
        IReadOnlyList<ReadValue> otherwiseResults = otherwise.Read(node);
        if (thenResults.Count != otherwiseResults.Count || thenResults.Count < node.Node.Outputs.Count)
            throw OnnxDiagnostics.Broken($"its branches have {thenResults.Count} and {otherwiseResults.Count} outputs");
        NodeInput[] thenTensors = [.. thenResults.Select(result => result.Tensor)];
        NodeInput[] otherwiseTensors = [.. otherwiseResults.Select(result => result.Tensor)];
        NodeInput[] thenCaptured = then.Captured;
        NodeInput[] otherwiseCaptured = otherwise.Captured;
        string thenName = then.Build(node, $"{node.Name}_then", [], thenTensors, otherwiseCaptured);
        string otherwiseName = otherwise.Build(node, $"{node.Name}_else", thenCaptured, otherwiseTensors, []);
        NodeInput condition = node.Info(0).Rank == 0 ? node[0] : node.Reshape(node[0]);
        DataType[] types = [.. thenTensors.Select(then.Emitter.TypeOf)];
        NodeInput[] outputs = node.EmitAll("StatelessIf", [condition, .. thenCaptured, .. otherwiseCaptured],
            ("Tout", AttributeValue.Types(types)), ("then_branch", new FunctionValue(thenName, AttributeMap.Empty)), ("else_branch", new FunctionValue(otherwiseName, AttributeMap.Empty)));
        for (int i = 0; i < outputs.Length; i++)
        {
            if (types[i] != otherwise.Emitter.TypeOf(otherwiseTensors[i]))
                throw OnnxDiagnostics.Broken($"output {i} has the types {types[i].Name()} and {otherwise.Emitter.TypeOf(otherwiseTensors[i]).Name()} in the branches");
            node.Set(i, outputs[i], ValueInfo.Common(thenResults[i].Info, otherwiseResults[i].Info));
        }
    }

    private static void Inline(NodeReader node, OnnxGraph body)
    {
        var inner = new ReadScope(node.Scope.Emitter, node.Scope.Opsets, node.Scope);
        node.Graph.Read(body, inner);
        for (int i = 0; i < node.Node.Outputs.Count; i++)
        {
            if (node.Wants(i))
                node.Set(i, inner.Find(body.Outputs[i].Name) ?? throw OnnxDiagnostics.Broken($"the branch does not compute '{body.Outputs[i].Name}'"));
        }
    }

    /// <summary>Variables: iteration, condition, carried values, lists of what each iteration gives.</summary>
    [Reads("Loop", Declines = "sequences as carried values; empty results of unknown shape")]
    public static void ReadLoop(NodeReader node)
    {
        OnnxGraph body = node.Body("body");
        int carried = node.Count - 2;
        if (body.Inputs.Count != carried + 2 || body.Outputs.Count < carried + 1)
            throw OnnxDiagnostics.Broken($"the body has {body.Inputs.Count} inputs and {body.Outputs.Count} outputs for {carried} carried values");
        int scans = body.Outputs.Count - carried - 1;
        NodeInput Scalar(int input) => node.Info(input).Rank == 0 ? node[input] : node.Reshape(node[input]);
        NodeInput limit = node.Has(0) ? node.Cast(Scalar(0), DataType.Int64) : node.Scalar(DataType.Int64, long.MaxValue);
        NodeInput condition = node.Has(1) ? Scalar(1) : node.Scalar(DataType.Bool, 1);
        NodeInput[] initial = [.. Enumerable.Range(2, carried).Select(i => node[i])];
        ValueInfo[] infos = [.. Enumerable.Range(2, carried).Select(i => new ValueInfo(node.TypeOf(i), node.Info(i).Shape))];
        for (int reading = 0; ; reading++)
        {
            var reader = new BodyReader(node, body);
            NodeInput index = reader.AddArgument("iteration", DataType.Int64);
            NodeInput most = reader.AddArgument("limit", DataType.Int64);
            NodeInput goes = reader.AddArgument("condition", DataType.Bool);
            NodeInput[] variables = [.. infos.Select((info, i) => reader.AddArgument($"carried_{i}", info.Type))];
            NodeInput[] lists = [.. Enumerable.Range(0, scans).Select(i => reader.AddArgument($"list_{i}", DataType.Variant))];
            reader.Bind(0, index, TensorShape.Scalar);
            reader.Bind(1, goes, TensorShape.Scalar);
            for (int i = 0; i < carried; i++)
                reader.Bind(i + 2, variables[i], infos[i].Shape);
            IReadOnlyList<ReadValue> results = reader.Read(node);
            ValueInfo[] next = [.. infos.Select((info, i) => ValueInfo.Common(info, results[i + 1].Info))];
            if (reading < MostReadings && !infos.Select(info => info.Shape).SequenceEqual(next.Select(info => info.Shape)))
            {
                infos = reading == MostReadings - 1 ? [.. next.Select(info => info with { Shape = TensorShape.Unknown })] : next;
                continue;
            }
            Finish(node, reader, limit, condition, initial, results, (index, most, lists), infos);
            return;
        }
    }

    private static void Finish(
        NodeReader node, BodyReader reader, NodeInput limit, NodeInput condition, NodeInput[] initial, IReadOnlyList<ReadValue> results, (NodeInput Index, NodeInput Most, NodeInput[] Lists) loop, ValueInfo[] infos)
    {
        NodeEmitter inner = reader.Emitter;
        int carried = initial.Length;
        NodeInput nextIndex = inner.Add("next", "AddV2", [loop.Index, inner.Constant(Tensors.Integer(1))])[0];
        NodeInput goesOn = results[0].Tensor;
        if (results[0].Info.Rank != 0)
            goesOn = inner.Add("goes_on", "Reshape", [goesOn, inner.Constant(Tensors.Integers([], DataType.Int32))])[0];
        List<NodeInput> after = [nextIndex, loop.Most, goesOn, .. results.Skip(1).Take(carried).Select(result => result.Tensor)];
        List<NodeInput> state = [node.Scalar(DataType.Int64, 0), limit, condition, .. initial];
        for (int i = 0; i < loop.Lists.Length; i++)
        {
            NodeInput item = results[i + 1 + carried].Tensor;
            DataType type = inner.TypeOf(item);
            after.Add(inner.Add("push", "TensorListPushBack", [loop.Lists[i], item], ("element_dtype", type))[0]);
            state.Add(node.Emit("EmptyTensorList", [node.Const(Tensors.Integer(-1, DataType.Int32)), node.Int(-1)], ("element_dtype", type)));
        }
        NodeInput[] captured = reader.Captured;
        state.AddRange(captured);
        after.AddRange(reader.Scope.Captures.Select(capture => NodeInput.Data(capture.Argument)));
        string body = reader.Build(node, $"{node.Name}_body", [], after, []);
        string test = Test(node, state);
        NodeInput[] outputs = WhileBuilder.Add(node, [.. state], test, body);
        for (int i = 0; i < carried; i++)
            node.Set(i, outputs[i + 3], infos[i]);
        for (int i = 0; i < loop.Lists.Length; i++)
        {
            ValueInfo item = results[i + 1 + carried].Info;
            DataType type = inner.TypeOf(results[i + 1 + carried].Tensor);
            NodeInput shape = item.Shape.IsUnknownRank ? node.Const(Tensors.Integer(-1, DataType.Int32)) : node.Ints([.. item.Shape.Dimensions]);
            NodeInput stacked = node.Emit("TensorListStack", [outputs[3 + carried + i], shape], ("element_dtype", type));
            node.Set(carried + i, stacked, new(type, item.Shape.IsUnknownRank ? item.Shape : TensorShape.Of([-1, .. item.Shape.Dimensions])));
        }
    }

    private static string Test(NodeReader node, List<NodeInput> state)
    {
        var emitter = new NodeEmitter();
        List<(string Name, DataType Type)> arguments = [.. state.Select((tensor, i) => ($"variable_{i}", node.Scope.Emitter.TypeOf(tensor)))];
        NodeInput[] variables = [.. arguments.Select(argument => emitter.Argument(argument.Name, argument.Type))];
        NodeInput isWithin = emitter.Add("within", "Less", [variables[0], variables[1]])[0];
        NodeInput both = emitter.Add("both", "LogicalAnd", [isWithin, variables[2]])[0];
        return node.Graph.AddFunction($"{node.Name}_condition", name => FunctionBuilder.Build(name, emitter, arguments, [both]));
    }

    /// <summary>Inputs are read along their axes from one end or the other; results are stacked, and reversed where they are asked for so.</summary>
    [Reads("Scan", Declines = "opset 8")]
    public static void ReadScan(NodeReader node)
    {
        if (node.Opset < 9)
            throw OnnxDiagnostics.Decline("opset 8, whose sequences have lengths of their own");
        OnnxGraph body = node.Body("body");
        int inputs = (int)node.Integer("num_scan_inputs", 0);
        int carried = node.Count - inputs;
        int scans = body.Outputs.Count - carried;
        if (inputs <= 0 || carried < 0 || scans < 0 || body.Inputs.Count != node.Count)
            throw OnnxDiagnostics.Broken($"the body has {body.Inputs.Count} inputs and {body.Outputs.Count} outputs for {node.Count} inputs of the node");
        var sequences = new NodeInput[inputs];
        var shapes = new TensorShape[inputs];
        for (int i = 0; i < inputs; i++)
        {
            int input = carried + i;
            int rank = node.Rank(input);
            int axis = NodeReader.Axis(At(node, "scan_input_axes", i), rank);
            sequences[i] = node.Transpose(node[input], [axis, .. Enumerable.Range(0, rank).Where(each => each != axis)]);
            if (At(node, "scan_input_directions", i) == 1)
                sequences[i] = node.Emit("ReverseV2", [sequences[i], node.Ints(0)]);
            shapes[i] = TensorShape.Of([.. node.Info(input).Shape.Dimensions.Where((_, each) => each != axis)]);
        }
        NodeInput steps = node.Emit("StridedSlice", [node.Emit("Shape", [sequences[0]], ("out_type", DataType.Int64)), node.Ints(0), node.Ints(1), node.Ints(1)], ("shrink_axis_mask", 1));
        var reader = new BodyReader(node, body);
        NodeInput index = reader.AddArgument("iteration", DataType.Int64);
        NodeInput most = reader.AddArgument("limit", DataType.Int64);
        NodeInput goes = reader.AddArgument("condition", DataType.Bool);
        NodeInput[] variables = [.. Enumerable.Range(0, carried).Select(i => reader.AddArgument($"carried_{i}", node.TypeOf(i)))];
        NodeInput[] arguments = [.. Enumerable.Range(0, inputs).Select(i => reader.AddArgument($"sequence_{i}", node.TypeOf(carried + i)))];
        NodeInput[] lists = [.. Enumerable.Range(0, scans).Select(i => reader.AddArgument($"list_{i}", DataType.Variant))];
        ValueInfo[] infos = [.. Enumerable.Range(0, carried).Select(node.Info)];
        for (int i = 0; i < carried; i++)
            reader.Bind(i, variables[i], infos[i].Shape);
        for (int i = 0; i < inputs; i++)
            reader.Bind(carried + i, reader.Emitter.Add("item", "GatherV2", [arguments[i], index, reader.Emitter.Constant(Tensors.Integer(0, DataType.Int32))])[0], shapes[i]);
        IReadOnlyList<ReadValue> results = reader.Read(node);
        FinishScan(node, reader, steps, sequences, (index, most, goes), arguments, lists, results);
    }

    private static void FinishScan(
        NodeReader node, BodyReader reader, NodeInput steps, NodeInput[] sequences, (NodeInput Index, NodeInput Most, NodeInput Goes) loop, NodeInput[] arguments, NodeInput[] lists, IReadOnlyList<ReadValue> results)
    {
        NodeEmitter inner = reader.Emitter;
        int carried = results.Count - lists.Length;
        NodeInput nextIndex = inner.Add("next", "AddV2", [loop.Index, inner.Constant(Tensors.Integer(1))])[0];
        List<NodeInput> after = [nextIndex, loop.Most, loop.Goes, .. results.Take(carried).Select(result => result.Tensor), .. arguments];
        List<NodeInput> state = [node.Scalar(DataType.Int64, 0), steps, node.Scalar(DataType.Bool, 1), .. Enumerable.Range(0, carried).Select(i => node[i]), .. sequences];
        for (int i = 0; i < lists.Length; i++)
        {
            DataType type = inner.TypeOf(results[carried + i].Tensor);
            after.Add(inner.Add("push", "TensorListPushBack", [lists[i], results[carried + i].Tensor], ("element_dtype", type))[0]);
            state.Add(node.Emit("EmptyTensorList", [node.Const(Tensors.Integer(-1, DataType.Int32)), node.Int(-1)], ("element_dtype", type)));
        }
        state.AddRange(reader.Captured);
        after.AddRange(reader.Scope.Captures.Select(capture => NodeInput.Data(capture.Argument)));
        string body = reader.Build(node, $"{node.Name}_body", [], after, []);
        NodeInput[] outputs = WhileBuilder.Add(node, [.. state], Test(node, state), body);
        for (int i = 0; i < carried; i++)
            node.Set(i, outputs[3 + i], ValueInfo.Common(node.Info(i), results[i].Info));
        for (int i = 0; i < lists.Length; i++)
        {
            ValueInfo item = results[carried + i].Info;
            DataType type = inner.TypeOf(results[carried + i].Tensor);
            NodeInput shape = item.Shape.IsUnknownRank ? node.Const(Tensors.Integer(-1, DataType.Int32)) : node.Ints([.. item.Shape.Dimensions]);
            NodeInput stacked = node.Emit("TensorListStack", [outputs[3 + carried + sequences.Length + i], shape], ("element_dtype", type));
            if (At(node, "scan_output_directions", i) == 1)
                stacked = node.Emit("ReverseV2", [stacked, node.Ints(0)]);
            int rank = item.Rank + 1;
            TensorShape known = item.Shape.IsUnknownRank ? item.Shape : TensorShape.Of([-1, .. item.Shape.Dimensions]);
            long asked = At(node, "scan_output_axes", i);
            if (asked != 0)
            {
                if (item.Rank < 0)
                    throw OnnxDiagnostics.Decline("results of unknown rank along another axis than the first");
                int axis = NodeReader.Axis(asked, rank);
                int[] order = [.. Enumerable.Range(1, axis), 0, .. Enumerable.Range(axis + 1, rank - axis - 1)];
                stacked = node.Transpose(stacked, order);
                known = TensorShape.Of([.. order.Select(from => known[from])]);
            }
            node.Set(carried + i, stacked, new(type, known));
        }
    }

    private static long At(NodeReader node, string attribute, int index) => node.Integers(attribute) is { } values && index < values.Length ? values[index] : 0;
}
