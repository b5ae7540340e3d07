using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>The accumulators of a quantized convolution as integers, which the ONNX graph has as real values.</summary>
internal sealed class BitcastForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        ExportedValue input = export[node.Data(0)];
        if (!input.StandsForNumbers)
            throw ExportAttributes.Unfit("only the accumulators of quantized convolutions have a form");
        export.Alias(node, input);
    }
}
