using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>QuantizeV2 of mode SCALED, ties to even, with a constant range; or RequantizePerChannel of sums that stand for numbers.</summary>
internal sealed class QuantizeForm : IOnnxForm
{
    private const int RequestedRange = 3;
    private const float AccumulatorSteps = 2147483648;

    public void Write(Node node, GraphExport export)
    {
        bool isRequantization = node.Op == "RequantizePerChannel";
        DataType type = node.TypeAttribute(isRequantization ? "out_type" : "T") ?? DataType.QUInt8;
        if (!CodeScales.IsCode(type))
            throw ExportAttributes.Unfit($"codes of type {type.Name()} have no form; quint8 and qint8 have");
        if (!isRequantization && (node.Text("mode") != "SCALED" || node.Text("round_mode") != "HALF_TO_EVEN" || node.Whole("axis") != -1))
            throw ExportAttributes.Unfit("only mode SCALED with round_mode HALF_TO_EVEN and one range has a form");
        ExportedValue input = export[node.Data(0)];
        if (isRequantization && !input.StandsForNumbers)
            throw ExportAttributes.Unfit("only sums of fused convolutions have a form");
        float scale = isRequantization ? CodeScales.OfRange(export, node, RequestedRange, type) : CodeScales.OfQuantization(export, node, type);
        string read = isRequantization ? Accumulators(node, export) : export.Read(node.Data(0), input.Native);
        export.Add("QuantizeLinear", [read, export.Number(scale), export.ZeroPoint(type)], export.Define(node, 0, input.Native, input.Rank));
    }

    /// <summary>Accumulators as the values that constant ranges of the requantization give them; without such ranges the convolution has given them their values.</summary>
    private static string Accumulators(Node node, GraphExport export)
    {
        string read = export.Read(node.Data(0), Layout.ChannelsFirst);
        if (node.Data(2).Node == node.Data(0).Node)
            return read;
        Tensor ends = export.ConstantInput(node, 2);
        float[] units = [.. ends.ToSingles().Select(end => end / AccumulatorSteps)];
        string scaled = export.Fresh($"{node.Name}/accumulators");
        export.Add("Mul", [read, export.Constant(Tensor.Create<float>(DataType.Float, TensorShape.Of(1, units.Length, 1, 1), units))], scaled);
        return scaled;
    }
}
