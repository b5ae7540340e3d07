using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Export;

/// <summary>What a code counts, from the constant ranges of quantized ops: numbers are codes times a scale, zero is the code 0.</summary>
internal static class CodeScales
{
    private const float UnsignedLevels = 255;
    private const float SignedLevels = 127;
    private const float LowestSigned = -128;

    /// <summary>Codes from zero to the end of a range.</summary>
    public static float Levels(DataType type) => type == DataType.QUInt8 ? UnsignedLevels : SignedLevels;

    /// <summary>True for 8-bit codes.</summary>
    public static bool IsCode(DataType type) => type is DataType.QUInt8 or DataType.QInt8;

    /// <summary>The scale of QuantizeV2's mode SCALED, whose range is widened to hold zero and to a least width.</summary>
    public static float OfQuantization(GraphExport export, Node node, DataType type)
    {
        float least = Math.Min(0, Number(export, node, 1));
        float most = Number(export, node, 2);
        float width = node.Real("ensure_minimum_range") * Math.Max(1, Math.Max(-least, Math.Abs(most)));
        most = Math.Max(0, Math.Max(most, least + width));
        return Checked(type == DataType.QInt8 ? Math.Max(least / LowestSigned, most / SignedLevels) : most / UnsignedLevels);
    }

    /// <summary>The scale of Dequantize's mode SCALED.</summary>
    public static float OfDequantization(GraphExport export, Node node, DataType type)
    {
        float most = Number(export, node, 2);
        float lowest = node.Flag("narrow_range") ? -SignedLevels : LowestSigned;
        return Checked(type == DataType.QInt8 ? Math.Max(Number(export, node, 1) / lowest, most / SignedLevels) : most / UnsignedLevels);
    }

    /// <summary>The scale of the fused ops of oneDNN builds, for which the larger end of a range counts.</summary>
    public static float OfRange(GraphExport export, Node node, int slot, DataType type)
    {
        float end = Math.Max(Math.Abs(Number(export, node, slot)), Math.Abs(Number(export, node, slot + 1)));
        return Checked(end / Levels(type));
    }

    /// <summary>The scales of a qint8 filter: one, or one for each output channel.</summary>
    public static float[] OfFilter(GraphExport export, Node node, int slot)
    {
        float[] mins = Numbers(export, node, slot);
        float[] maxes = Numbers(export, node, slot + 1);
        if (mins.Length != maxes.Length)
            throw ExportAttributes.Unfit($"inputs {slot} and {slot + 1} must have the same length");
        return [.. mins.Zip(maxes, (min, max) => Math.Max(Math.Abs(min), Math.Abs(max)) / SignedLevels)];
    }

    private static float Number(GraphExport export, Node node, int slot) => Numbers(export, node, slot) is [var number, ..] ? number : throw ExportAttributes.Unfit($"input {slot} must hold a number");

    private static float[] Numbers(GraphExport export, Node node, int slot)
    {
        Tensor constant = export.ConstantInput(node, slot);
        return constant.Type == DataType.Float ? constant.AsSpan<float>().ToArray() : throw ExportAttributes.Unfit($"input {slot} must hold floats, not {constant.Type.Name()}");
    }

    private static float Checked(float scale) => float.IsNormal(scale) && scale > 0 ? scale : throw ExportAttributes.Unfit($"its range gives codes of the size {scale}, which has no form");
}
