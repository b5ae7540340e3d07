using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>Tensors joined along an axis; images with their channels first when all have them so.</summary>
internal sealed class ConcatForm : IOnnxForm
{
    private static readonly long[] ChannelsFirstAxes = [0, 2, 3, 1];

    public void Write(Node node, GraphExport export)
    {
        NodeInput[] inputs = [.. node.DataInputs];
        int axisSlot = node.Op == "Concat" ? 0 : inputs.Length - 1;
        long axis = export.ConstantLongs(node, axisSlot)[0];
        NodeInput[] values = [.. inputs.Where((_, slot) => slot != axisSlot)];
        int rank = values.Max(value => export[value].Rank);
        bool allImages = Array.TrueForAll(values, value => export[value].Native == Layout.ChannelsFirst);
        Layout layout = allImages ? Layout.ChannelsFirst : Layout.Original;
        long place = allImages ? ChannelsFirstAxes[axis < 0 ? axis + 4 : axis] : axis;
        export.Add("Concat", [.. values.Select(value => export.Read(value, layout))], export.Define(node, 0, layout, rank), ("axis", place));
    }
}
