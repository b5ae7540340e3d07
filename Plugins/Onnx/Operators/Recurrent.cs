using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>
/// RNN, GRU and LSTM as loops over time. The input's part of the gates is one product before the loop; a sequence that is over keeps its state and gives zeros. ONNX Runtime's DynamicQuantizeLSTM is an
/// LSTM of 8-bit weights whose data and state are rounded to 255 steps of their range before each product.
/// </summary>
internal static partial class Recurrent
{
    [Infers("RNN", "GRU", "LSTM")]
    public static void Infer(NodeInference node)
    {
        TensorShape x = node[0].Shape;
        TensorShape recurrence = node[2].Shape;
        bool isBatchFirst = node.Flag("layout");
        long steps = x.Rank == 3 ? x[isBatchFirst ? 1 : 0] : -1;
        long batch = x.Rank == 3 ? x[isBatchFirst ? 0 : 1] : -1;
        long hidden = recurrence.Rank == 3 ? recurrence[2] : node.Integer("hidden_size", -1);
        long directions = node.Text("direction", "forward") == "bidirectional" ? 2 : 1;
        node.Set(0, node[0].Type, isBatchFirst ? TensorShape.Of(batch, steps, directions, hidden) : TensorShape.Of(steps, directions, batch, hidden));
        for (int i = 1; i < 3; i++)
            node.Set(i, node[0].Type, isBatchFirst ? TensorShape.Of(batch, directions, hidden) : TensorShape.Of(directions, batch, hidden));
    }

    [Infers("DynamicQuantizeLSTM", Domain = "com.microsoft")]
    public static void InferDynamic(NodeInference node)
    {
        TensorShape x = node[0].Shape;
        TensorShape recurrence = node[2].Shape;
        var (directions, hidden) = recurrence.Rank == 3 ? (recurrence[0], recurrence[1]) : (-1, -1);
        var (steps, batch) = x.Rank == 3 ? (x[0], x[1]) : (-1, -1);
        node.Set(0, DataType.Float, TensorShape.Of(steps, directions, batch, hidden));
        for (int i = 1; i < 3; i++)
            node.Set(i, DataType.Float, TensorShape.Of(directions, batch, hidden));
    }

    [Reads("RNN", "GRU", "LSTM", Declines = "weights of unknown shape")]
    [Reads("DynamicQuantizeLSTM", Domain = "com.microsoft", Declines = "computed weights")]
    public static void Read(NodeReader node)
    {
        var layer = LayerWeights.Of(node);
        TensorShape recurrence = layer.Recurrence;
        if (!recurrence.IsFullyKnown || recurrence.Rank != 3)
            throw OnnxDiagnostics.Decline("the recurrence weights must have a known shape");
        bool isBatchFirst = node.Flag("layout");
        NodeInput x = isBatchFirst ? node.Transpose(node[0], 1, 0, 2) : node[0];
        string direction = node.Text("direction", "forward");
        int directions = (int)recurrence[0];
        var results = new List<Direction>();
        for (int i = 0; i < directions; i++)
            results.Add(new Direction(node, layer, x, i, isReversed: direction == "reverse" || i == 1));
        NodeInput outputs = Joined(node, results, result => result.Outputs, 1);
        node.Set(0, isBatchFirst ? node.Transpose(outputs, 2, 0, 1, 3) : outputs);
        NodeInput hidden = Joined(node, results, result => result.Hidden, 0);
        node.Set(1, isBatchFirst ? node.Transpose(hidden, 1, 0, 2) : hidden);
        if (!node.Wants(2))
            return;
        NodeInput cell = Joined(node, results, result => result.Cell, 0);
        node.Set(2, isBatchFirst ? node.Transpose(cell, 1, 0, 2) : cell);
    }

    private static NodeInput Joined(NodeReader node, List<Direction> results, Func<Direction, NodeInput> select, int axis) =>
        results.Count == 1 ? node.Emit("ExpandDims", [select(results[0]), node.Int(axis)]) : node.Emit("Pack", [.. results.Select(select)], ("axis", axis));

    /// <summary>One direction of a layer.</summary>
    private sealed class Direction
    {
        private readonly NodeReader node;
        private readonly LayerWeights layer;
        private readonly int number;
        private readonly long hidden;
        private readonly DataType type;
        private readonly bool isBatchFirst;

        public Direction(NodeReader node, LayerWeights layer, NodeInput x, int number, bool isReversed)
        {
            this.node = node;
            this.layer = layer;
            this.number = number;
            hidden = layer.Recurrence[2];
            type = node.TypeOf(0);
            isBatchFirst = node.Flag("layout");
            NodeInput? lengths = node.Has(4) ? node[4] : (NodeInput?)null;
            if (isReversed)
                x = Reversed(x, lengths);
            NodeInput shape = node.Emit("Shape", [x]);
            NodeInput steps = At(shape, 0);
            NodeInput batch = node.Emit("StridedSlice", [shape, node.Ints(1), node.Ints(2), node.Ints(1)]);
            NodeInput gates = Projected(x, shape);
            NodeInput zeros = node.Emit("Fill", [node.Emit("ConcatV2", [batch, node.Ints(hidden), node.Int(0)]), node.Scalar(type, 0)]);
            NodeInput h = Initial(5) ?? zeros;
            NodeInput c = (layer.Kind == "LSTM" ? Initial(6) : null) ?? zeros;
            NodeInput list = node.Emit("EmptyTensorList", [node.Const(Tensors.Integer(-1, DataType.Int32)), node.Int(-1)], ("element_dtype", type));
            List<NodeInput> state = [node.Int(0), list, h, c, steps, gates, Weights(2)];
            if (layer.Kind == "GRU" && Bias() is { } biases)
                state.Add(biases);
            if (layer.Kind == "LSTM" && node.Has(7))
                state.Add(Weights(7));
            int lengthsAt = state.Count;
            if (lengths is { } known)
                state.Add(known);
            NodeInput[] final = WhileBuilder.Loop(node, [.. state],
                (inner, variables) => inner.Emit("Less", [variables[0], variables[4]]),
                (inner, variables) => Step(inner, variables, lengths is null ? (NodeInput?)null : variables[lengthsAt]));
            NodeInput stacked = node.Emit("TensorListStack", [final[1], node.Ints(-1, hidden)], ("element_dtype", type));
            Outputs = isReversed ? Reversed(stacked, lengths) : stacked;
            Hidden = final[2];
            Cell = final[3];
        }

        /// <summary>[steps, batch, hidden].</summary>
        public NodeInput Outputs { get; }

        /// <summary>[batch, hidden] after the last step.</summary>
        public NodeInput Hidden { get; }

        public NodeInput Cell { get; }

        private NodeInput At(NodeInput shape, int axis) => node.Emit("StridedSlice", [shape, node.Ints(axis), node.Ints(axis + 1), node.Ints(1)], ("shrink_axis_mask", 1));

        private NodeInput Reversed(NodeInput sequence, NodeInput? lengths) => lengths is { } known
            ? node.Emit("ReverseSequence", [sequence, known], ("seq_dim", 0), ("batch_dim", 1))
            : node.Emit("ReverseV2", [sequence, node.Ints(0)]);

        /// <summary>This direction's part of an input that has the directions first.</summary>
        private NodeInput Weights(int input) =>
            layer.Constant(input) is { IsDecodable: true } constant && constant.Shape[0] > number
                ? node.Const(Part(constant))
                : node.Emit("StridedSlice", [node[input], node.Ints(number), node.Ints(number + 1), node.Ints(1)], ("shrink_axis_mask", 1));

        private Tensor Part(Tensor constant)
        {
            int length = constant.Bytes.Length / (int)constant.Shape[0];
            return Tensor.FromContent(constant.Type, TensorShape.Of([.. constant.Shape.Dimensions.Skip(1)]), constant.Bytes.Slice(number * length, length));
        }

        private NodeInput? Initial(int input)
        {
            if (!node.Has(input))
                return null;
            return isBatchFirst
                ? node.Emit("StridedSlice", [node[input], node.Ints(0, number), node.Ints(0, number + 1), node.Ints(1, 1)], ("begin_mask", 1), ("end_mask", 1), ("shrink_axis_mask", 2))
                : Weights(input);
        }

        private NodeInput? Bias() => node.Has(3) ? Weights(3) : (NodeInput?)null;

        /// <summary>The input's part of all gates, [steps, batch, gates · hidden], with the biases that are only added.</summary>
        private NodeInput Projected(NodeInput x, NodeInput shape)
        {
            long count = layer.Kind switch { "LSTM" => 4, "GRU" => 3, _ => 1 };
            NodeInput rows = node.Emit("Reshape", [x, node.Emit("ConcatV2", [node.Ints(-1), node.Emit("StridedSlice", [shape, node.Ints(2), node.Ints(3), node.Ints(1)]), node.Int(0)])]);
            NodeInput gates = node.Emit("MatMul", [layer.Rounded(node, rows), Weights(1)], ("transpose_b", true));
            if (Bias() is { } bias)
            {
                NodeInput own = Slice(node, bias, 0, count);
                NodeInput recurrent = Slice(node, bias, count, 2 * count);
                gates = node.Emit("AddV2", [gates, layer.Kind == "GRU" ? own : node.Emit("AddV2", [own, recurrent])]);
            }
            return node.Emit("Reshape", [gates, node.Emit("ConcatV2", [node.Emit("StridedSlice", [shape, node.Ints(0), node.Ints(2), node.Ints(1)]), node.Ints(count * hidden), node.Int(0)])]);
        }

        /// <summary>Some gates of a list or of the columns of a matrix.</summary>
        private NodeInput Slice(NodeReader inner, NodeInput values, long from, long to) =>
            inner.Emit("StridedSlice", [values, inner.Ints(from * hidden), inner.Ints(to * hidden), inner.Ints(1)]);

        private NodeInput Columns(NodeReader inner, NodeInput values, long from, long to) =>
            inner.Emit("StridedSlice", [values, inner.Ints(0, from * hidden), inner.Ints(0, to * hidden), inner.Ints(1, 1)], ("begin_mask", 1), ("end_mask", 1));

        private NodeInput[] Step(NodeReader inner, NodeInput[] variables, NodeInput? lengths)
        {
            NodeInput t = variables[0];
            NodeInput gates = inner.Emit("GatherV2", [variables[5], t, inner.Int(0)]);
            NodeInput h = variables[2];
            NodeInput c = variables[3];
            var (next, cell) = layer.Kind switch
            {
                "LSTM" => Lstm(inner, gates, h, c, variables),
                "GRU" => (Gru(inner, gates, h, variables), c),
                _ => (Activation(inner, 0, Clipped(inner, inner.Emit("AddV2", [gates, Product(inner, h, variables[6])]))), c),
            };
            NodeInput output = next;
            if (lengths is { } known)
            {
                NodeInput isRunning = inner.Emit("ExpandDims", [inner.Emit("Less", [t, inner.Cast(known, DataType.Int32)]), inner.Int(1)]);
                output = inner.Emit("SelectV2", [isRunning, next, inner.Emit("ZerosLike", [next])]);
                next = inner.Emit("SelectV2", [isRunning, next, h]);
                cell = inner.Emit("SelectV2", [isRunning, cell, c]);
            }
            NodeInput list = inner.Emit("TensorListPushBack", [variables[1], output], ("element_dtype", type));
            return [inner.Emit("AddV2", [t, inner.Int(1)]), list, next, cell, .. variables[4..]];
        }

        private static NodeInput Product(NodeReader inner, NodeInput h, NodeInput weights) => inner.Emit("MatMul", [h, weights], ("transpose_b", true));

        private (NodeInput Hidden, NodeInput Cell) Lstm(NodeReader inner, NodeInput gates, NodeInput h, NodeInput c, NodeInput[] variables)
        {
            NodeInput all = inner.Emit("AddV2", [gates, Product(inner, layer.Rounded(inner, h), variables[6])]);
            NodeInput input = Columns(inner, all, 0, 1);
            NodeInput output = Columns(inner, all, 1, 2);
            NodeInput forget = Columns(inner, all, 2, 3);
            NodeInput candidate = Columns(inner, all, 3, 4);
            bool hasPeepholes = node.Has(7);
            NodeInput Peeped(NodeInput gate, NodeInput cell, long at) => hasPeepholes ? inner.Emit("AddV2", [gate, inner.Emit("Mul", [Slice(inner, variables[7], at, at + 1), cell])]) : gate;
            input = Activation(inner, 0, Clipped(inner, Peeped(input, c, 0)));
            forget = node.Flag("input_forget") ? inner.Emit("Sub", [inner.Scalar(type, 1), input]) : Activation(inner, 0, Clipped(inner, Peeped(forget, c, 2)));
            candidate = Activation(inner, 1, Clipped(inner, candidate));
            NodeInput cell = inner.Emit("AddV2", [inner.Emit("Mul", [forget, c]), inner.Emit("Mul", [input, candidate])]);
            output = Activation(inner, 0, Clipped(inner, Peeped(output, cell, 1)));
            return (inner.Emit("Mul", [output, Activation(inner, 2, cell)]), cell);
        }

        private NodeInput Gru(NodeReader inner, NodeInput gates, NodeInput h, NodeInput[] variables)
        {
            NodeInput? bias = node.Has(3) ? variables[7] : (NodeInput?)null;
            NodeInput Rows(long from, long to) => inner.Emit("StridedSlice", [variables[6], inner.Ints(from * hidden), inner.Ints(to * hidden), inner.Ints(1)]);
            NodeInput Biased(NodeInput product, long from, long to) => bias is { } known ? inner.Emit("AddV2", [product, Slice(inner, known, 3 + from, 3 + to)]) : product;
            NodeInput both = inner.Emit("AddV2", [Columns(inner, gates, 0, 2), Biased(Product(inner, h, Rows(0, 2)), 0, 2)]);
            both = Activation(inner, 0, Clipped(inner, both));
            NodeInput update = Columns(inner, both, 0, 1);
            NodeInput reset = Columns(inner, both, 1, 2);
            NodeInput recurrent = node.Flag("linear_before_reset")
                ? inner.Emit("Mul", [reset, Biased(Product(inner, h, Rows(2, 3)), 2, 3)])
                : Biased(Product(inner, inner.Emit("Mul", [reset, h]), Rows(2, 3)), 2, 3);
            NodeInput candidate = Activation(inner, 1, Clipped(inner, inner.Emit("AddV2", [Columns(inner, gates, 2, 3), recurrent])));
            NodeInput kept = inner.Emit("Mul", [update, h]);
            return inner.Emit("AddV2", [inner.Emit("Mul", [inner.Emit("Sub", [inner.Scalar(type, 1), update]), candidate]), kept]);
        }

        private NodeInput Clipped(NodeReader inner, NodeInput gate)
        {
            if (!node.HasAttribute("clip"))
                return gate;
            float clip = node.Real("clip", 0);
            return inner.Emit("ClipByValue", [gate, inner.Scalar(type, -clip), inner.Scalar(type, clip)]);
        }

        private NodeInput Activation(NodeReader inner, int place, NodeInput x)
        {
            string[] defaults = layer.Kind switch { "LSTM" => ["Sigmoid", "Tanh", "Tanh"], "GRU" => ["Sigmoid", "Tanh"], _ => ["Tanh"] };
            string[] names = node.Texts("activations") ?? [];
            int at = (number * defaults.Length) + place;
            string name = at < names.Length ? names[at] : defaults[place];
            float Parameter(string attribute, float otherwise) => node.Reals(attribute) is { } values && at < values.Length ? values[at] : otherwise;
            NodeInput Scalar(float value) => inner.Scalar(type, value);
            switch (name.ToUpperInvariant())
            {
                case "SIGMOID":
                    return inner.Emit("Sigmoid", [x]);
                case "TANH":
                    return inner.Emit("Tanh", [x]);
                case "RELU":
                    return inner.Emit("Relu", [x]);
                case "SOFTSIGN":
                    return inner.Emit("Softsign", [x]);
                case "SOFTPLUS":
                    return inner.Emit("Softplus", [x]);
                case "ELU" when Parameter("activation_alpha", 1) == 1:
                    return inner.Emit("Elu", [x]);
                case "LEAKYRELU":
                    return inner.Emit("LeakyRelu", [x], ("alpha", Parameter("activation_alpha", 0.01f)));
                case "AFFINE":
                    return inner.Emit("AddV2", [inner.Emit("Mul", [x, Scalar(Parameter("activation_alpha", 1))]), Scalar(Parameter("activation_beta", 0))]);
                case "HARDSIGMOID":
                    NodeInput linear = inner.Emit("AddV2", [inner.Emit("Mul", [x, Scalar(Parameter("activation_alpha", 0.2f))]), Scalar(Parameter("activation_beta", 0.5f))]);
                    return inner.Emit("ClipByValue", [linear, Scalar(0), Scalar(1)]);
                case "SCALEDTANH":
                    return inner.Emit("Mul", [inner.Emit("Tanh", [inner.Emit("Mul", [x, Scalar(Parameter("activation_beta", 1))])]), Scalar(Parameter("activation_alpha", 1))]);
                case "THRESHOLDEDRELU":
                    return inner.Emit("SelectV2", [inner.Emit("Greater", [x, Scalar(Parameter("activation_alpha", 1))]), x, Scalar(0)]);
                default:
                    throw OnnxDiagnostics.Decline($"the activation '{name}'");
            }
        }
    }
}
