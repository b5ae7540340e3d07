using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>The same elements in another shape; 0 in the shape means 0, as TensorFlow has it.</summary>
internal sealed class ReshapeForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        string read = export.Read(node.Data(0));
        ExportedValue shape = export[node.Data(1)];
        string target = shape.Constant is null ? Widened(node, export) : export.Integers(export.ConstantLongs(node, 1));
        export.Add("Reshape", [read, target], export.Define(node, rank: (int)(shape.Constant?.ElementCount ?? -1)));
    }

    private static string Widened(Node node, GraphExport export)
    {
        string wide = export.Fresh($"{node.Name}/shape");
        export.Add("Cast", [export.Read(node.Data(1))], wide, ("to", (long)ExportedModel.ElementType(DataType.Int64)));
        return wide;
    }
}

/// <summary>Dimensions of 1 left out; those that are named, or all.</summary>
internal sealed class SqueezeForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        ExportedValue input = export[node.Data(0)];
        long[] axes = node.Longs("squeeze_dims");
        bool isSpatial = input.Native == Layout.ChannelsFirst && axes.Select(axis => axis < 0 ? axis + 4 : axis).Order().SequenceEqual([1, 2]);
        string read = export.Read(node.Data(0), isSpatial ? Layout.ChannelsFirst : Layout.Original);
        int rank = input.Rank < 0 || axes.Length == 0 ? -1 : input.Rank - axes.Length;
        string[] inputs = axes.Length == 0 ? [read] : [read, export.Integers(isSpatial ? [2, 3] : axes)];
        export.Add("Squeeze", inputs, export.Define(node, rank: rank));
    }
}

/// <summary>A dimension of 1 put in.</summary>
internal sealed class ExpandDimsForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        int rank = export[node.Data(0)].Rank;
        string[] inputs = [export.Read(node.Data(0)), export.Integers(export.ConstantLongs(node, 1))];
        export.Add("Unsqueeze", inputs, export.Define(node, rank: rank < 0 ? -1 : rank + 1));
    }
}

/// <summary>Dimensions in another order.</summary>
internal sealed class TransposeForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        long[] order = export.ConstantLongs(node, 1);
        export.Add("Transpose", [export.Read(node.Data(0))], export.Define(node, rank: order.Length), ("perm", order));
    }
}

/// <summary>The sizes of a tensor.</summary>
internal sealed class ShapeForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        string read = export.Read(node.Data(0));
        if (node.TypeAttribute("out_type") == DataType.Int64)
        {
            export.Add("Shape", [read], export.Define(node, rank: 1));
            return;
        }
        string wide = export.Fresh($"{node.Name}/wide");
        export.Add("Shape", [read], wide);
        export.Add("Cast", [wide], export.Define(node, rank: 1), ("to", (long)ExportedModel.ElementType(DataType.Int32)));
    }
}

/// <summary>Elements in another type.</summary>
internal sealed class CastForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        ExportedValue input = export[node.Data(0)];
        DataType type = node.TypeAttribute("DstT") ?? DataType.Invalid;
        if (!ExportedModel.Has(type))
            throw ExportAttributes.Unfit($"ONNX has no type {type.Name()}");
        if (input.StandsForNumbers && type == DataType.Float)
        {
            export.Alias(node, input);
            return;
        }
        string read = export.Read(node.Data(0), input.Native);
        export.Add("Cast", [read], export.Define(node, 0, input.Native, input.Rank), ("to", (long)ExportedModel.ElementType(type)));
    }
}

/// <summary>Tensors of one shape joined along a dimension of their own.</summary>
internal sealed class PackForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        long axis = node.Whole("axis");
        var parts = new List<string>();
        int rank = -1;
        foreach (NodeInput input in node.DataInputs)
        {
            rank = Math.Max(rank, export[input].Rank);
            string part = export.Fresh($"{node.Name}/part");
            export.Add("Unsqueeze", [export.Read(input), export.Integers(axis)], part);
            parts.Add(part);
        }
        export.Add("Concat", parts, export.Define(node, rank: rank < 0 ? -1 : rank + 1), ("axis", axis));
    }
}

/// <summary>A part of a tensor by constant starts, ends and steps. New and skipped dimensions other than a single index have no form.</summary>
internal sealed class StridedSliceForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        if (node.Whole("ellipsis_mask") != 0 || node.Whole("new_axis_mask") != 0)
            throw ExportAttributes.Unfit("ellipses and new axes have no form");
        long[] begin = export.ConstantLongs(node, 1);
        long[] end = export.ConstantLongs(node, 2);
        long[] step = export.ConstantLongs(node, 3);
        long shrunk = node.Whole("shrink_axis_mask");
        for (int i = 0; i < begin.Length; i++)
        {
            bool isIndex = (shrunk >> i & 1) == 1;
            begin[i] = !isIndex && (node.Whole("begin_mask") >> i & 1) == 1 ? (step[i] < 0 ? long.MaxValue : 0) : begin[i];
            end[i] = isIndex ? (begin[i] == -1 ? long.MaxValue : begin[i] + 1) : (node.Whole("end_mask") >> i & 1) == 1 ? (step[i] < 0 ? long.MinValue : long.MaxValue) : end[i];
            step[i] = isIndex ? 1 : step[i];
        }
        long[] axes = [.. Enumerable.Range(0, begin.Length).Select(axis => (long)axis)];
        long[] gone = [.. axes.Where(axis => (shrunk >> (int)axis & 1) == 1)];
        string[] inputs = [export.Read(node.Data(0)), export.Integers(begin), export.Integers(end), export.Integers(axes), export.Integers(step)];
        int rank = export[node.Data(0)].Rank;
        if (gone.Length == 0)
        {
            export.Add("Slice", inputs, export.Define(node, rank: rank));
            return;
        }
        string slice = export.Fresh($"{node.Name}/slice");
        export.Add("Slice", inputs, slice);
        export.Add("Squeeze", [slice, export.Integers(gone)], export.Define(node, rank: rank < 0 ? -1 : rank - gone.Length));
    }
}

/// <summary>A tensor cut into equal parts along a constant axis.</summary>
internal sealed class SplitForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        int rank = export[node.Data(1)].Rank;
        string read = export.Read(node.Data(1));
        string[] parts = [.. Enumerable.Range(0, (int)node.Whole("num_split")).Select(port => export.Define(node, port, rank: rank))];
        export.Add("Split", [read], parts, ("axis", export.ConstantLongs(node, 0)[0]));
    }
}
