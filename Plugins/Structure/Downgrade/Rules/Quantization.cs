using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>Quantization by constant ranges, of the whole tensor or per channel, as products with constant scales.</summary>
internal static class Quantization
{
    /// <summary>clamp(x), times the scale, rounded, divided by the scale.</summary>
    public static Decline? QuantizeAndDequantize(DowngradeSite site)
    {
        Node node = site.Node;
        bool isPlain = node.Op is "QuantizeAndDequantizeV4" or "QuantizeAndDequantizeV3" && node.Long("axis", -1) == -1 && site.Target.Producer > 24;
        int bits = node.Op == "QuantizeAndDequantizeV3" ? (int)(site.Integers(site.Inputs[3]) is [var given] ? given : 8) : (int)node.Long("num_bits", 8);
        if (isPlain && node.Op == "QuantizeAndDequantizeV4")
            return site.Become(node.Without("axis") with { Op = "QuantizeAndDequantizeV2" });
        if (!node.Bool("range_given", node.Op != "QuantizeAndDequantizeV2") || Range(site, 1, node.Long("axis", -1), site.Inputs[0]) is not { } range || bits is < 2 or > 24)
            return site.Decline("its range is not constant");
        bool signed = node.Bool("signed_input", true);
        double least = signed ? -(1L << (bits - 1)) + (node.Bool("narrow_range", false) ? 1 : 0) : 0;
        double greatest = (1L << (bits - (signed ? 1 : 0))) - 1;
        var scales = range.Channels.Select(channel => Scale(least, greatest, channel.Min, channel.Max)).ToArray();
        DataType type = site.Type(site.Inputs[0]);
        NodeInput high = Vector(site, range.Shape, type, scales.Select(scale => (float)greatest * scale.Inverse));
        NodeInput low = Vector(site, range.Shape, type, scales.Select(scale => (float)least * scale.Inverse));
        NodeInput clamped = site.Binary("Maximum", site.Binary("Minimum", site.Inputs[0], high), low);
        NodeInput scaled = site.Binary("Mul", clamped, Vector(site, range.Shape, type, scales.Select(scale => scale.Factor)));
        NodeInput rounded = node.String("round_mode", "HALF_TO_EVEN") == "HALF_UP" ? site.Unary("Floor", site.Binary("Add", scaled, site.Scalar(type, 0.5))) : site.Unary("Round", scaled);
        return site.Replace(site.Binary("Mul", rounded, Vector(site, range.Shape, type, scales.Select(scale => scale.Inverse))));
    }

    /// <summary>The quantized value times the scale; in mode MIN_COMBINED from the least value on.</summary>
    public static Decline? Dequantize(DowngradeSite site)
    {
        Node node = site.Node;
        NodeInput x = site.Inputs[0];
        DataType type = node.Type("T");
        string mode = node.String("mode", "MIN_COMBINED");
        if (Limits(type, node.Bool("narrow_range", false)) is not { } limits || mode == "MIN_FIRST")
            return site.Decline($"mode {mode} of {type.Name()} is not rewritten");
        if (Range(site, 1, node.Long("axis", -1), x) is not { } range)
            return site.Decline("its ranges are not constant");
        NodeInput value = site.Cast(site.Add("Bitcast", [x], ("T", type), ("type", limits.Plain)), DataType.Float);
        NodeInput result;
        if (mode == "SCALED")
        {
            var scales = range.Channels.Select(channel => limits.Least == 0 ? channel.Max / limits.Greatest : Math.Max(channel.Min / limits.Least, channel.Max / limits.Greatest));
            result = site.Binary("Mul", value, site.Floats(range.Shape, [.. scales]));
        }
        else
        {
            float half = limits.Least == 0 ? 0 : (limits.Greatest - limits.Least + 1) / 2;
            float steps = limits.Greatest - limits.Least;
            NodeInput scale = site.Floats(range.Shape, [.. range.Channels.Select(channel => (channel.Max - channel.Min) / steps)]);
            NodeInput shifted = half == 0 ? value : site.Binary("Add", value, site.Scalar(DataType.Float, half));
            result = site.Binary("Add", site.Binary("Mul", shifted, scale), site.Floats(range.Shape, [.. range.Channels.Select(channel => channel.Min)]));
        }
        return site.Replace(site.Cast(result, node.Type("dtype", DataType.Float)));
    }

    /// <summary>Mode SCALED: x times the scale, rounded, clipped, in the type's bits.</summary>
    public static Decline? Quantize(DowngradeSite site)
    {
        Node node = site.Node;
        DataType type = node.Type("T");
        if (node.String("mode", "MIN_COMBINED") != "SCALED" || Limits(type, node.Bool("narrow_range", false)) is not { } limits)
            return site.Decline("only mode SCALED is rewritten");
        if (Range(site, 1, node.Long("axis", -1), site.Inputs[0]) is not { } range)
            return site.Decline("its ranges are not constant");
        float minimum = node.Float("ensure_minimum_range", 0.01f);
        var scales = range.Channels.Select(channel => Scale(limits.Least, limits.Greatest, Math.Min(0, channel.Min), Widened(channel, minimum))).ToArray();
        NodeInput scaled = site.Binary("Mul", site.Inputs[0], site.Floats(range.Shape, [.. scales.Select(scale => scale.Factor)]));
        NodeInput rounded = node.String("round_mode", "HALF_AWAY_FROM_ZERO") == "HALF_TO_EVEN"
            ? site.Unary("Round", scaled)
            : site.Binary("Mul", site.Unary("Sign", scaled), site.Unary("Floor", site.Binary("Add", site.Unary("Abs", scaled), site.Scalar(DataType.Float, 0.5))));
        NodeInput clipped = site.Binary("Maximum", site.Binary("Minimum", rounded, site.Scalar(DataType.Float, limits.Greatest)), site.Scalar(DataType.Float, limits.Least));
        NodeInput bits = site.Add("Bitcast", [site.Cast(clipped, limits.Plain)], ("T", limits.Plain), ("type", type));
        TensorShape ends = range.Channels.Length == 1 ? TensorShape.Scalar : TensorShape.Of(range.Channels.Length);
        return site.Replace(
            bits,
            site.IsRead(1) ? site.Floats(ends, [.. scales.Select(scale => limits.Least / scale.Factor)]) : bits,
            site.IsRead(2) ? site.Floats(ends, [.. scales.Select(scale => limits.Greatest / scale.Factor)]) : bits);
    }

    private static float Widened((float Min, float Max) channel, float minimum)
    {
        float epsilon = Math.Max(1, Math.Max(Math.Abs(channel.Min), Math.Abs(channel.Max))) * minimum;
        return Math.Max(0, Math.Max(channel.Max, Math.Min(0, channel.Min) + epsilon));
    }

    /// <summary>The factor that maps the range into the type's, and its inverse, of the side that needs the smaller one.</summary>
    private static (float Factor, float Inverse) Scale(double least, double greatest, float min, float max)
    {
        float below = least * min > 0 ? (float)least / min : float.MaxValue;
        float above = greatest * max > 0 ? (float)greatest / max : float.MaxValue;
        return below < above ? (below, min / (float)least) : (above, above == float.MaxValue ? 0 : max / (float)greatest);
    }

    private static (float Least, float Greatest, DataType Plain)? Limits(DataType type, bool narrow) => type switch
    {
        DataType.QInt8 => (sbyte.MinValue + (narrow ? 1 : 0), sbyte.MaxValue, DataType.Int8),
        DataType.QUInt8 => (narrow ? 1 : 0, byte.MaxValue, DataType.UInt8),
        DataType.QInt16 => (short.MinValue + (narrow ? 1 : 0), short.MaxValue, DataType.Int16),
        DataType.QUInt16 => (narrow ? 1 : 0, ushort.MaxValue, DataType.UInt16),
        _ => null,
    };

    /// <summary>Constant ranges, and the shape in which a value a channel broadcasts over the data; null when they are not known.</summary>
    private static (TensorShape Shape, (float Min, float Max)[] Channels)? Range(DowngradeSite site, int input, long axis, NodeInput x)
    {
        if (site.Constant(site.Inputs[input]) is not { Type: DataType.Float } min || site.Constant(site.Inputs[input + 1]) is not { Type: DataType.Float } max || min.ElementCount != max.ElementCount)
            return null;
        (float, float)[] channels = [.. min.AsSpan<float>().ToArray().Zip(max.AsSpan<float>().ToArray())];
        if (axis == -1)
            return channels.Length == 1 ? (TensorShape.Scalar, channels) : null;
        int rank = site.Shape(x).Rank;
        return rank > axis ? (TensorShape.Of([channels.Length, .. Enumerable.Repeat(1L, rank - (int)axis - 1)]), channels) : null;
    }

    private static NodeInput Vector(DowngradeSite site, TensorShape shape, DataType type, IEnumerable<float> values) => site.Cast(site.Floats(shape, [.. values]), type);
}
