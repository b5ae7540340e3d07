using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>A reduction along constant axes. The mean of height and width stays with channels first.</summary>
internal sealed class ReductionForm(string op) : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        ExportedValue input = export[node.Data(0)];
        long[] axes = export.ConstantLongs(node, 1);
        bool keeps = node.Flag("keep_dims");
        bool isSpatial = input.Native == Layout.ChannelsFirst && axes.Select(axis => axis < 0 ? axis + 4 : axis).Distinct().Order().SequenceEqual([1, 2]);
        Layout layout = isSpatial ? Layout.ChannelsFirst : Layout.Original;
        string read = export.Read(node.Data(0), layout);
        long[] places = isSpatial ? [2, 3] : axes;
        int rank = input.Rank < 0 ? -1 : keeps ? input.Rank : input.Rank - places.Length;
        string output = export.Define(node, 0, keeps ? layout : Layout.Original, rank);
        if (op == "ReduceSum")
            export.Add(op, [read, export.Integers(places)], output, ("keepdims", keeps ? 1L : 0L));
        else
            export.Add(op, [read], output, ("axes", places), ("keepdims", keeps ? 1L : 0L));
    }
}
