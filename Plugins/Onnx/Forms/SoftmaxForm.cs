using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>Softmax or its logarithm along the last dimension.</summary>
internal sealed class SoftmaxForm(string op) : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        int rank = export[node.Data(0)].Rank;
        export.Add(op, [export.Read(node.Data(0))], export.Define(node, rank: rank), ("axis", -1L));
    }
}
