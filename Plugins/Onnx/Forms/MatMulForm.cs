using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>A product of two matrices.</summary>
internal sealed class MatMulForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        string[] inputs = [export.Read(node.Data(0)), export.Read(node.Data(1))];
        export.Add("Gemm", inputs, export.Define(node, rank: 2), ("transA", node.Flag("transpose_a") ? 1L : 0L), ("transB", node.Flag("transpose_b") ? 1L : 0L));
    }
}
