using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>
/// The fused convolutions of oneDNN builds as runtimes of ONNX take them: a float convolution between DequantizeLinear and QuantizeLinear, the bias in codes of the sums. Sums that are
/// not requantized stay numbers. Before the addition of a tensor the sums are codes too, so that runtimes convolve integers: codes of all numbers that the result and the summand leave room for,
/// which may move the result by a code.
/// </summary>
internal sealed class QuantizedConvolutionForm : IOnnxForm
{
    private const int Bias = 2;

    public void Write(Node node, GraphExport export)
    {
        string op = node.Op;
        bool hasBias = op.Contains("WithBias", StringComparison.Ordinal);
        bool hasSum = op.Contains("Sum", StringComparison.Ordinal);
        bool hasRelu = op.Contains("AndRelu", StringComparison.Ordinal);
        bool requantizes = op.EndsWith("AndRequantize", StringComparison.Ordinal);
        bool isDepthwise = op.StartsWith("QuantizedDepthwise", StringComparison.Ordinal);
        int ranges = hasBias ? 3 : 2;
        DataType inputType = node.TypeAttribute("Tinput") ?? DataType.QUInt8;
        DataType resultType = node.TypeAttribute("out_type") ?? DataType.QUInt8;
        Tensor filter = export.ConstantInput(node, 1);
        if (!CodeScales.IsCode(inputType) || filter.Type != DataType.QInt8)
            throw ExportAttributes.Unfit("only quint8 or qint8 data and a qint8 filter have a form");
        if (hasSum && !requantizes)
            throw ExportAttributes.Unfit("a sum without requantization has no form");

        float inputScale = CodeScales.OfRange(export, node, ranges, inputType);
        float[] filterScales = CodeScales.OfFilter(export, node, ranges + 2);
        string data = Numbers(export, node, export.Read(node.Data(0), Layout.ChannelsFirst), export.Number(inputScale), inputType, "data");
        Tensor moved = isDepthwise ? ConvolutionForm.Depthwise(filter) : Constants.Transpose(filter, 3, 2, 0, 1);
        string weights = Numbers(export, node, export.Constant(moved, $"{node.Name}/weights"), Vector(export, filterScales), DataType.QInt8, "weights", filterScales.Length);
        List<string> inputs = [data, weights];
        if (hasBias)
            inputs.Add(BiasNumbers(node, export, inputScale, filterScales));
        long[] dilations = node.Attributes.ContainsKey("dilations") ? node.Longs("dilations") : [1, 1, 1, 1];
        List<(string, object)> attributes = [("strides", Images.Spatial(node.Longs("strides"))), ("dilations", Images.Spatial(dilations)), .. Images.Padding(node)];
        if (isDepthwise)
            attributes.Add(("group", filter.Shape[2]));
        bool isClamped = hasRelu && !(requantizes && resultType == DataType.QUInt8);
        bool isLast = !hasSum && !isClamped && !requantizes;
        string sums = isLast ? DefineNumbers(export, node) : export.Fresh($"{node.Name}/sums");
        export.Add("Conv", inputs, sums, [.. attributes]);
        if (hasSum)
            sums = Sum(node, export, sums, ranges + 4);
        if (isClamped)
            sums = Clamped(export, node, sums, requantizes);
        if (requantizes)
            export.Add("QuantizeLinear", [sums, export.Number(CodeScales.OfRange(export, node, ranges + 4, resultType)), export.ZeroPoint(resultType)], export.Define(node, 0, Layout.ChannelsFirst));
    }

    private static string Clamped(GraphExport export, Node node, string sums, bool requantizes)
    {
        string clamped = requantizes ? export.Fresh($"{node.Name}/clamped") : DefineNumbers(export, node);
        export.Add("Relu", [sums], clamped);
        return clamped;
    }

    /// <param name="node">The convolution.</param>
    /// <param name="export">The graph.</param>
    /// <param name="sums">What the convolution gives.</param>
    /// <param name="slot">First input with the range of the result; the summand follows.</param>
    private static string Sum(Node node, GraphExport export, string sums, int slot)
    {
        DataType type = node.TypeAttribute("Tsummand") ?? DataType.QUInt8;
        float summandScale = CodeScales.OfRange(export, node, slot + 3, type);
        float below = summandScale * CodeScales.Levels(type);
        float above = CodeScales.OfRange(export, node, slot, DataType.QUInt8) * CodeScales.Levels(DataType.QUInt8);
        float scale = (below + above) / CodeScales.Levels(DataType.QUInt8);
        string[] range = [export.Number(scale), export.Constant(Tensor.Create<byte>(DataType.QUInt8, TensorShape.Scalar, [(byte)MathF.Round(below / scale)]))];
        string codes = export.Fresh($"{node.Name}/sums/codes");
        string numbers = export.Fresh($"{node.Name}/sums/numbers");
        export.Add("QuantizeLinear", [sums, .. range], codes);
        export.Add("DequantizeLinear", [codes, .. range], numbers);
        string summand = Numbers(export, node, export.Read(node.Data(slot + 2), Layout.ChannelsFirst), export.Number(summandScale), type, "summand");
        string sum = export.Fresh($"{node.Name}/sum");
        export.Add("Add", [numbers, summand], sum);
        return sum;
    }

    private static string BiasNumbers(Node node, GraphExport export, float inputScale, float[] filterScales)
    {
        Tensor bias = export.ConstantInput(node, Bias);
        if (bias.Type == DataType.Float)
            return export.Constant(bias, $"{node.Name}/bias");
        float[] scales = [.. filterScales.Select(scale => scale * inputScale)];
        return Numbers(export, node, export.Constant(bias, $"{node.Name}/bias"), Vector(export, scales), DataType.QInt32, "bias", scales.Length);
    }

    private static string Numbers(GraphExport export, Node node, string codes, string scale, DataType type, string what, int channels = 1)
    {
        string numbers = export.Fresh($"{node.Name}/{what}/numbers");
        export.Add("DequantizeLinear", [codes, scale, export.ZeroPoint(type, channels)], numbers, ("axis", 0L));
        return numbers;
    }

    private static string Vector(GraphExport export, float[] scales) =>
        export.Constant(Tensor.Create<float>(DataType.Float, scales.Length == 1 ? TensorShape.Scalar : TensorShape.Of(scales.Length), scales));

    private static string DefineNumbers(GraphExport export, Node node) => export.Define(node, 0, Layout.ChannelsFirst, standsForNumbers: true);
}
