using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>Padding by a constant or by reflection.</summary>
internal sealed class PadForm(string mode) : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        if (node.Op == "MirrorPad" && node.Text("mode") != "REFLECT")
            throw ExportAttributes.Unfit("mode SYMMETRIC has no form; REFLECT has");
        ExportedValue input = export[node.Data(0)];
        long[] pairs = export.ConstantLongs(node, 1);
        int rank = pairs.Length / 2;
        int[] order = input.Native == Layout.ChannelsFirst && rank == 4 ? [0, 3, 1, 2] : [.. Enumerable.Range(0, rank)];
        long[] pads = [.. order.Select(axis => pairs[2 * axis]), .. order.Select(axis => pairs[(2 * axis) + 1])];
        List<string> inputs = [export.Read(node.Data(0), input.Native), export.Integers(pads)];
        if (node.DataInputs.Count() > 2)
            inputs.Add(export.Read(node.Data(2)));
        export.Add("Pad", inputs, export.Define(node, 0, input.Native, rank), ("mode", mode));
    }
}
