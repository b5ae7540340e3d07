using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>Dequantize of mode SCALED with a constant range; of sums of a fused convolution, which ONNX has as numbers, nothing.</summary>
internal sealed class DequantizeForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        if (node.Text("mode") != "SCALED")
            throw ExportAttributes.Unfit($"mode {node.Text("mode")} has no form; SCALED has");
        ExportedValue input = export[node.Data(0)];
        if (input.StandsForNumbers)
        {
            export.Alias(node, input);
            return;
        }
        DataType type = node.TypeAttribute("T") ?? DataType.QUInt8;
        if (!CodeScales.IsCode(type) || node.Whole("axis") != -1)
            throw ExportAttributes.Unfit("only quint8 and qint8 codes of one range, and sums of fused convolutions, have a form");
        float scale = CodeScales.OfDequantization(export, node, type);
        string read = export.Read(node.Data(0), input.Native);
        export.Add("DequantizeLinear", [read, export.Number(scale), export.ZeroPoint(type)], export.Define(node, 0, input.Native, input.Rank));
    }
}
