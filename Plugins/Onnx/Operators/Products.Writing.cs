using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>Writes products of matrices.</summary>
internal static partial class Products
{
    [Writes("MatMul")]
    public static void Write(NodeWriter node)
    {
        bool transposesLeft = node.Flag("transpose_a");
        bool transposesRight = node.Flag("transpose_b");
        if (FourBitProducts.TryWrite(node))
            return;
        Operand left = node[0];
        Operand right = node[1];
        if (right.IsConstant && transposesRight)
        {
            right = node.Transpose(right, 1, 0);
            transposesRight = false;
        }
        bool isFloat = Tensors.IsFloat(left.Info.Type);
        if (!transposesLeft && !transposesRight)
            node.Set(node.Emit("MatMul", [left, right]));
        else if (isFloat)
            node.Set(node.Emit("Gemm", [left, right], ("transA", transposesLeft ? 1L : 0L), ("transB", transposesRight ? 1L : 0L)));
        else
            node.Set(node.Emit("MatMul", [transposesLeft ? node.Transpose(left, 1, 0) : left, transposesRight ? node.Transpose(right, 1, 0) : right]));
    }

    [Writes("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")]
    public static void WriteBatch(NodeWriter node)
    {
        if (!FourBitProducts.TryWrite(node))
            node.Set(node.Emit("MatMul", [Adjoint(node, 0, "adj_x"), Adjoint(node, 1, "adj_y")]));
    }

    private static Operand Adjoint(NodeWriter node, int slot, string attribute)
    {
        if (!node.Flag(attribute))
            return node[slot];
        int rank = node.Rank(slot);
        return node.Transpose(node[slot], [.. Enumerable.Range(0, rank - 2).Select(axis => (long)axis), rank - 1, rank - 2]);
    }

    [Writes("Einsum")]
    public static void WriteEinsum(NodeWriter node) => node.Set(node.Emit("Einsum", [.. Enumerable.Range(0, node.Count).Select(i => node[i])], ("equation", node.Text("equation"))));

    [Writes("MatrixDeterminant")]
    public static void WriteDeterminant(NodeWriter node) => node.Set(node.Emit("Det", [node[0]]));

    /// <summary>The convolution or product that grappler fused, with what it fused.</summary>
    [Writes("_FusedConv2D", "_FusedMatMul", "_FusedDepthwiseConv2dNative", Declines = "fusions other than a bias, a norm and an activation")]
    public static void WriteFused(NodeWriter node)
    {
        Node fused = node.Node;
        string[] steps = fused.Attributes.TryGetValue("fused_ops", out var value) && value is ListValue list ? [.. list.Items.OfType<BytesValue>().Select(item => item.Text)] : [];
        string op = fused.Op["_Fused".Length..];
        NodeInput[] inputs = [.. fused.DataInputs];
        var current = fused with { Name = $"{fused.Name}/{op}", Op = op, Inputs = [inputs[0], inputs[1]] };
        OpWriters.ByOp[op](new NodeWriter(node.Graph, Toolkit.Ops.OpDefaults.Complete(current)));
        int next = 2;
        foreach (string step in steps)
        {
            var data = NodeInput.Data(current.Name);
            current = step switch
            {
                "BiasAdd" => new Node($"{fused.Name}/{step}", step, [data, inputs[next++]], fused.Attributes),
                "FusedBatchNorm" => new Node($"{fused.Name}/{step}", "FusedBatchNormV3", [data, inputs[next], inputs[next + 1], inputs[next + 2], inputs[next + 3]], fused.Attributes.With("is_training", false)),
                "Relu" or "Relu6" or "Elu" or "Sigmoid" or "Tanh" => new Node($"{fused.Name}/{step}", step, [data], fused.Attributes),
                "LeakyRelu" => new Node($"{fused.Name}/{step}", step, [data], fused.Attributes.With("alpha", node.Real("leakyrelu_alpha", 0.2f))),
                _ => throw OnnxDiagnostics.Decline($"the fused op {step}"),
            };
            next += step == "FusedBatchNorm" ? 4 : 0;
            OpWriters.ByOp[current.Op](new NodeWriter(node.Graph, Toolkit.Ops.OpDefaults.Complete(current)));
        }
        node.Set(node.Graph[NodeInput.Data(current.Name)]);
    }
}
