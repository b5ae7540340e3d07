using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>
/// Windows over images.
/// <code>
/// Conv2D(x, w) {padding=EXPLICIT}     →   Conv2D(Pad(x), w) {padding=VALID}
/// Conv2D(x, w) {dilations=[1,d,d,1]}  →   BatchToSpaceND(Conv2D(SpaceToBatchND(x, d), w) {padding=VALID}, d)
/// </code>
/// </summary>
internal static class Convolutions
{
    public static Decline? Rewrite(DowngradeSite site)
    {
        Node node = site.Node;
        OpDefinition? known = OpHistory.Find(node.Op)?.At(site.Target);
        if (node.String("padding", "") == "EXPLICIT" && !Allows(known, "EXPLICIT"))
        {
            NodeInput padded = Padded(site, site.Inputs[0], node.LongList("explicit_paddings"));
            return site.Become(node.With("padding", "VALID").Without("explicit_paddings") with { Inputs = [padded, .. site.Inputs.Skip(1)] });
        }
        return node.TryLongList("dilations", out var dilations) && dilations.Any(dilation => dilation != 1) && known?.Attribute("dilations") is null
            ? Dilated(site, dilations)
            : site.Decline("its type or layout is not one of the target's");
    }

    /// <summary>MaxPool, padded with the least value of the type.</summary>
    public static Decline? MaxPool(DowngradeSite site)
    {
        Node node = site.Node;
        if (node.String("padding", "") != "EXPLICIT" || !node.TryLongList("explicit_paddings", out var paddings))
            return site.Decline("its type or layout is not one of the target's");
        DataType type = site.Type(site.Inputs[0]);
        double? least = type switch
        {
            DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16 => double.NegativeInfinity,
            DataType.Int8 => sbyte.MinValue,
            DataType.Int16 => short.MinValue,
            DataType.Int32 => int.MinValue,
            DataType.Int64 => long.MinValue,
            DataType.UInt8 or DataType.UInt16 => 0,
            _ => null,
        };
        if (least is null)
            return site.Decline($"there is no least value of {type.Name()}");
        NodeInput padded = site.Add("PadV2", [site.Inputs[0], Pairs(site, paddings), site.Scalar(type, least.Value)], ("T", type), ("Tpaddings", DataType.Int32));
        return site.Become(node.With("padding", "VALID").Without("explicit_paddings") with { Inputs = [padded] });
    }

    /// <summary>Conv of rank 4 or 5 as Conv2D or Conv3D.</summary>
    public static Decline? Generic(DowngradeSite site)
    {
        Node node = site.Node;
        if (node.Long("groups", 1) != 1 || node.Long("batch_dims", 1) != 1)
            return site.Decline("it has groups or several batch dimensions");
        int rank = node.LongList("strides").Length;
        if (rank is not (4 or 5))
            return site.Decline("it is not of two or three dimensions");
        bool last = node.String("data_format", "CHANNELS_LAST") == "CHANNELS_LAST";
        string format = (rank, last) switch { (4, true) => "NHWC", (4, false) => "NCHW", (_, true) => "NDHWC", _ => "NCDHW" };
        Node plain = new Node(node.Name, rank == 4 ? "Conv2D" : "Conv3D", site.Inputs.AsSpan()) { Device = node.Device }
            .With("T", node.Type("T")).With("strides", node.Attributes["strides"]).With("padding", node.String("padding")).With("data_format", format);
        if (node.TryLongList("dilations", out var dilations) && dilations.Length > 0)
            plain = plain.With("dilations", node.Attributes["dilations"]);
        if (node.TryLongList("explicit_paddings", out var paddings) && paddings.Length > 0)
            plain = plain.With("explicit_paddings", node.Attributes["explicit_paddings"]);
        return site.Become(plain);
    }

    private static Decline? Dilated(DowngradeSite site, ImmutableArray<long> dilations)
    {
        Node node = site.Node;
        NodeInput x = site.Inputs[0];
        TensorShape shape = site.Shape(x);
        TensorShape filter = site.Shape(site.Inputs[1]);
        if (node.String("data_format", "NHWC") != "NHWC" || node.LongList("strides").Any(stride => stride != 1))
            return site.Decline("dilations are rewritten in NHWC with stride 1");
        if (shape.Rank != 4 || shape[1] < 0 || shape[2] < 0 || filter.Rank != 4 || filter[0] < 0 || filter[1] < 0)
            return site.Decline("dilations need the sizes of image and filter");
        long[] block = [dilations[1], dilations[2]];
        long[] paddings = new long[4];
        long[] crops = new long[4];
        bool same = node.String("padding") == "SAME";
        for (int i = 0; i < 2; i++)
        {
            long around = same ? (filter[i] - 1) * block[i] : 0;
            long rest = (block[i] - ((shape[i + 1] + around) % block[i])) % block[i];
            paddings[2 * i] = around / 2;
            paddings[(2 * i) + 1] = around - (around / 2) + rest;
            crops[(2 * i) + 1] = rest;
        }
        DataType type = site.Type(x);
        NodeInput space = site.Add("SpaceToBatchND", [x, site.Ints(block), Pairs(site, [.. paddings])], ("T", type), ("Tblock_shape", DataType.Int32), ("Tpaddings", DataType.Int32));
        Node inner = node.With("padding", "VALID").Without("dilations");
        NodeInput product = site.Add(node.Op, [space, site.Inputs[1]], [.. inner.Attributes.Select(attribute => (attribute.Key, attribute.Value))]);
        return site.Replace(site.Add("BatchToSpaceND", [product, site.Ints(block), Pairs(site, [.. crops])], ("T", type), ("Tblock_shape", DataType.Int32), ("Tcrops", DataType.Int32)));
    }

    private static NodeInput Padded(DowngradeSite site, NodeInput x, ImmutableArray<long> paddings) =>
        site.Add("Pad", [x, Pairs(site, paddings)], ("T", site.Type(x)), ("Tpaddings", DataType.Int32));

    private static NodeInput Pairs(DowngradeSite site, ImmutableArray<long> values) =>
        site.Const(Tensor.Create<int>(DataType.Int32, TensorShape.Of(values.Length / 2, 2), [.. values.Select(value => checked((int)value))]));

    private static bool Allows(OpDefinition? definition, string padding) => definition?.Attribute("padding")?.Allowed is ListValue allowed && allowed.Items.Contains((AttributeValue)padding);
}
