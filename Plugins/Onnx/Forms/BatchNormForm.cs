using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>Batch normalization by given statistics.</summary>
internal sealed class BatchNormForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        Images.RequireChannelsLast(node);
        if (node.Flag("is_training"))
            throw ExportAttributes.Unfit("batch norms that take the statistics of the batch have no form; is_training=false has");
        string[] inputs = [export.Read(node.Data(0), Layout.ChannelsFirst), .. Enumerable.Range(1, 4).Select(slot => export.Read(node.Data(slot)))];
        export.Add("BatchNormalization", inputs, export.Define(node, 0, Layout.ChannelsFirst), ("epsilon", node.Real("epsilon")));
    }
}
