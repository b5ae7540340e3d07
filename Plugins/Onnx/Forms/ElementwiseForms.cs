using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>A function of each element, in the layout of the input.</summary>
internal sealed class UnaryForm(string op) : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        ExportedValue input = export[node.Data(0)];
        string read = export.Read(node.Data(0), input.Native);
        export.Add(op, [read], export.Define(node, 0, input.Native, input.Rank));
    }
}

/// <summary>A sign changed; of a constant at once, as ranges may be written so.</summary>
internal sealed class NegationForm : IOnnxForm
{
    private readonly UnaryForm form = new("Neg");

    public void Write(Node node, GraphExport export)
    {
        if (export[node.Data(0)].Constant is { Type: DataType.Float } constant)
            export.DefineConstant(node, Tensor.Create<float>(DataType.Float, constant.Shape, [.. constant.AsSpan<float>().ToArray().Select(value => -value)]));
        else
            form.Write(node, export);
    }
}

/// <summary>A number held between 0 and 6.</summary>
internal sealed class Relu6Form : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        ExportedValue input = export[node.Data(0)];
        string read = export.Read(node.Data(0), input.Native);
        export.Add("Clip", [read, export.Number(0), export.Number(6)], export.Define(node, 0, input.Native, input.Rank));
    }
}

internal sealed class LeakyReluForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        ExportedValue input = export[node.Data(0)];
        string read = export.Read(node.Data(0), input.Native);
        export.Add("LeakyRelu", [read], export.Define(node, 0, input.Native, input.Rank), ("alpha", node.Real("alpha")));
    }
}

/// <summary>1 / √x.</summary>
internal sealed class RsqrtForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        ExportedValue input = export[node.Data(0)];
        string root = export.Fresh($"{node.Name}/root");
        export.Add("Sqrt", [export.Read(node.Data(0), input.Native)], root);
        export.Add("Reciprocal", [root], export.Define(node, 0, input.Native, input.Rank));
    }
}

internal sealed class SquareForm : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        ExportedValue input = export[node.Data(0)];
        string read = export.Read(node.Data(0), input.Native);
        export.Add("Mul", [read, read], export.Define(node, 0, input.Native, input.Rank));
    }
}

/// <summary>A function of the elements of two tensors that are broadcast. Channels stay first when one side has them so and the other can follow.</summary>
internal sealed class BinaryForm(string op) : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        if (node.Text("data_format", "NHWC") == "NCHW")
            throw ExportAttributes.Unfit("data_format NCHW has no form; NHWC has");
        ExportedValue left = export[node.Data(0)];
        ExportedValue right = export[node.Data(1)];
        bool hasImage = left.Native == Layout.ChannelsFirst || right.Native == Layout.ChannelsFirst;
        Layout layout = hasImage && Fits(left) && Fits(right) ? Layout.ChannelsFirst : Layout.Original;
        string[] reads = [export.Read(node.Data(0), layout), export.Read(node.Data(1), layout)];
        int rank = left.Rank < 0 || right.Rank < 0 ? -1 : Math.Max(left.Rank, right.Rank);
        export.Add(op, reads, export.Define(node, 0, layout, rank));
    }

    /// <summary>True for images and for constants that stretch over them.</summary>
    private static bool Fits(ExportedValue value) => value.Rank == 4 || (value.Constant is { } constant && constant.Shape.Rank <= 4);
}
