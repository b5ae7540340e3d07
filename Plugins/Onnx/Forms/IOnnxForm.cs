using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>Writes nodes of some ops as ONNX nodes.</summary>
internal interface IOnnxForm
{
    /// <exception cref="ModelFormatException">ONNX has no form for what the node's attributes or inputs ask.</exception>
    void Write(Node node, GraphExport export);
}
