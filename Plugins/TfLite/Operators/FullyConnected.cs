using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Matrix products.
/// <code>
/// FULLY_CONNECTED(x, w: OI, b) {activation, keep_num_dims}   ↔   MatMul(x: rows of I, w) {transpose_b};  BiasAdd(b);  Relu | Relu6
/// BATCH_MATMUL(x, y) {adj_x, adj_y}                          ↔   BatchMatMulV2(x, y) {adj_x, adj_y}
/// FULLY_CONNECTED(x, w: OI of int8), hybrid                  ←   UniformQuantizedDotHybrid(x, w, scales, 0)
/// </code>
/// </summary>
[OperatorConverter("FULLY_CONNECTED", "BATCH_MATMUL", Nodes = ["MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "_FusedMatMul", "UniformQuantizedDotHybrid"])]
internal sealed class FullyConnected : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        if (op.Name == "BATCH_MATMUL")
        {
            var product = new LayerReader(op, 0, 1, 2);
            Value left = product.Data([op.Rank(0) - 1], op.Options.Flag("asymmetric_quantize_inputs"));
            op.Result(op.Node("BatchMatMulV2", [left, op.Real(1)], ("adj_x", op.Options.Flag("adj_x")), ("adj_y", op.Options.Flag("adj_y"))));
            return;
        }
        if (op.Options.Int("weights_format") != 0)
            throw op.Refusal("its weights are shuffled, which has no counterpart");
        var layer = new LayerReader(op, 0, 1, 2);
        if (layer.WeightsShape.Length != 2)
            throw op.Refusal($"its weights have {layer.WeightsShape.Length} dimensions, not 2");
        int inputs = layer.WeightsShape[1];
        if (op.Output().Tensor.GraphShape.Dimensions.Count(size => size < 0) <= 1 && StaticLayer.Of(op, layer, isDepthwise: false) is { } fused)
        {
            Tensor columns = TensorLayout.Transpose(layer.Elements!, 1, 0);
            op.Output().DefineQuantized(fused.Multiply(TensorLayout.Reshape(columns, 1, 1, inputs, layer.WeightsShape[0])));
            return;
        }
        Value rows = layer.Data([op.Rank(0) - 1], op.Options.Flag("asymmetric_quantize_inputs"));
        if (op.Rank(0) != 2 || op.Input(0).Tensor.Shape[1] != inputs)
            rows = op.Node("Reshape", [rows, op.Graph.Integers(-1, inputs)]);
        Value result = op.Activate(layer.AddBias(op.Node("MatMul", [rows, layer.Unchanged], ("transpose_b", true))));
        op.Result(op.Output().Tensor.Shape.Length == 2 ? result : op.Node("Reshape", [result, OutputShape(op)]));
    }

    /// <summary>The shape in the file, with the first free dimension to be inferred.</summary>
    private static Value OutputShape(OperatorReader op)
    {
        int[] shape = [.. op.Output().Tensor.GraphShape.Dimensions.Select(size => (int)size)];
        if (shape.Count(size => size < 0) > 1)
            throw op.Refusal("more than one dimension of its result is free");
        return op.Graph.Integers(shape);
    }

    public override void Write(NodeWriter node)
    {
        if (node.Node.Op.StartsWith("Batch", StringComparison.Ordinal))
        {
            node.Out(node.Emit("BATCH_MATMUL", [node.In(0), node.In(1)], ("adj_x", node.Node.Bool("adj_x")), ("adj_y", node.Node.Bool("adj_y"))));
            return;
        }
        if (node.Node.Op == "UniformQuantizedDotHybrid")
        {
            WriteDynamic(node);
            return;
        }
        bool isTransposed = node.Node.Bool("transpose_b");
        TensorDraft x = node.In(0);
        if (node.Node.Bool("transpose_a"))
            x = node.Emit("TRANSPOSE", [x, node.Int32Constant([1, 0])]);
        if (WeightsWriter.Find(node, 1) is { } weights)
        {
            TensorDraft product = node.Emit("FULLY_CONNECTED", [x, isTransposed ? weights.Unchanged() : weights.Transposed(1, 0)]);
            node.Out(node.Node.Op == "MatMul" ? product : FusedPostOps.Add(node, product));
        }
        else if (node.Node.Op == "_FusedMatMul")
            throw node.Decline("its weights must be constant");
        else if (x.Type == TensorType.Float32 && isTransposed && x.Rank == 2)
            node.Out(node.Emit("FULLY_CONNECTED", [x, node.In(1)]));
        else if (x.Type == TensorType.Float32)
            node.Out(node.Emit("BATCH_MATMUL", [x, node.In(1)], ("adj_y", isTransposed)));
        else
            throw node.Decline("products of integers have no counterpart");
    }

    /// <summary>Data that are quantized in the run, row by row: the weights stay int8.</summary>
    private static void WriteDynamic(NodeWriter node)
    {
        Tensor weights = node.Required(1);
        ReadOnlySpan<float> scales = node.Required(2).AsSpan<float>();
        if (weights is not { Type: DataType.Int8, Shape.Rank: 2 } || node.RequiredIntegers(3).Any(zero => zero != 0) || (scales.Length != 1 && scales.Length != weights.Shape[1]))
            throw node.Decline("its weights must be a matrix of qint8 with the zero point 0 and one scale, or one for each column");
        TensorDraft rows = TensorDraft.Of(node.In(1).Name, TensorLayout.Transpose(weights, 1, 0), new([.. scales], [.. new long[scales.Length]], 0));
        node.Out(node.Emit("FULLY_CONNECTED", [node.In(0), node.Emit("DEQUANTIZE", [node.Subgraph.Model.Shared(rows)], TensorType.Float32)]));
    }
}
