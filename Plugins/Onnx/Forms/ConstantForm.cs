using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>A constant, written where and in the layout in which it is read.</summary>
internal sealed class ConstantForm : IOnnxForm
{
    public void Write(Node node, GraphExport export) =>
        export.DefineConstant(node, node.TensorAttribute("value") is { IsDecodable: true } value ? value : throw ExportAttributes.Unfit("its tensor cannot be read"));
}

/// <summary>Hands its input on.</summary>
internal sealed class IdentityForm : IOnnxForm
{
    public void Write(Node node, GraphExport export) => export.Alias(node, export[node.Data(0)]);
}
