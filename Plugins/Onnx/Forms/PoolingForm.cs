using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>Maximum or mean over windows; padding does not count.</summary>
internal sealed class PoolingForm(string op) : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        Images.RequireChannelsLast(node);
        string input = export.Read(node.Data(0), Layout.ChannelsFirst);
        export.Add(op, [input], export.Define(node, 0, Layout.ChannelsFirst),
            [("kernel_shape", Images.Spatial(node.Longs("ksize"))), ("strides", Images.Spatial(node.Longs("strides"))), .. Images.Padding(node)]);
    }
}
