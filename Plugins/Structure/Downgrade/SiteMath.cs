using TransformFramework.Graphs;

namespace TransformFramework.Structure.Downgrade;

/// <summary>Ops that many rewrites are made of, typed by their operands.</summary>
internal static class SiteMath
{
    public static NodeInput Unary(this DowngradeSite site, string op, NodeInput x) => site.Add(op, [x], ("T", site.Type(x)));

    public static NodeInput Binary(this DowngradeSite site, string op, NodeInput x, NodeInput y) => site.Add(op, [x, y], ("T", site.Type(x)));

    public static NodeInput And(this DowngradeSite site, NodeInput x, NodeInput y) => site.Add("LogicalAnd", [x, y]);

    public static NodeInput Cast(this DowngradeSite site, NodeInput x, DataType type)
    {
        DataType from = site.Type(x);
        return from == type ? x : site.Add("Cast", [x], ("SrcT", from), ("DstT", type));
    }

    public static NodeInput Ints(this DowngradeSite site, params ReadOnlySpan<long> values) => site.Const(Integers(values, TensorShape.Of(values.Length)));

    public static NodeInput Int(this DowngradeSite site, long value) => site.Const(Integers([value], TensorShape.Scalar));

    public static NodeInput Floats(this DowngradeSite site, TensorShape shape, params ReadOnlySpan<float> values) => site.Const(Tensor.Create(DataType.Float, shape, values));

    /// <summary>A scalar constant of a numeric or boolean type.</summary>
    public static NodeInput Scalar(this DowngradeSite site, DataType type, double value) => type switch
    {
        DataType.Float => site.Floats(TensorShape.Scalar, (float)value),
        DataType.Double => site.Const(Tensor.Create<double>(type, TensorShape.Scalar, [value])),
        DataType.Int32 => site.Int((long)value),
        DataType.Int64 => site.Const(Tensor.Create<long>(type, TensorShape.Scalar, [(long)value])),
        DataType.Int16 => site.Const(Tensor.Create<short>(type, TensorShape.Scalar, [(short)value])),
        DataType.UInt16 => site.Const(Tensor.Create<ushort>(type, TensorShape.Scalar, [(ushort)value])),
        DataType.Int8 => site.Const(Tensor.Create<sbyte>(type, TensorShape.Scalar, [(sbyte)value])),
        DataType.UInt8 => site.Const(Tensor.Create<byte>(type, TensorShape.Scalar, [(byte)value])),
        DataType.Bool => site.Const(Tensor.FromContent(type, TensorShape.Scalar, (byte[])[value != 0 ? (byte)1 : (byte)0])),
        _ => site.Cast(site.Floats(TensorShape.Scalar, (float)value), type),
    };

    public static NodeInput Reshape(this DowngradeSite site, NodeInput x, NodeInput shape) => site.Add("Reshape", [x, shape], ("T", site.Type(x)), ("Tshape", site.Type(shape)));

    public static NodeInput Reshape(this DowngradeSite site, NodeInput x, params ReadOnlySpan<long> shape) => site.Reshape(x, site.Ints(shape));

    public static NodeInput Transpose(this DowngradeSite site, NodeInput x, params ReadOnlySpan<long> permutation) =>
        site.Add("Transpose", [x, site.Ints(permutation)], ("T", site.Type(x)), ("Tperm", DataType.Int32));

    public static NodeInput ExpandDims(this DowngradeSite site, NodeInput x, long axis) => site.Add("ExpandDims", [x, site.Int(axis)], ("T", site.Type(x)), ("Tdim", DataType.Int32));

    public static NodeInput Sum(this DowngradeSite site, NodeInput x, NodeInput axes, bool keepDims = false) =>
        site.Add("Sum", [x, axes], ("T", site.Type(x)), ("Tidx", site.Type(axes)), ("keep_dims", keepDims));

    public static NodeInput Fill(this DowngradeSite site, NodeInput shape, double value, DataType type) => site.Add("Fill", [shape, site.Scalar(type, value)], ("T", type));

    public static NodeInput Select(this DowngradeSite site, NodeInput condition, NodeInput x, NodeInput y) => site.Add("Select", [condition, x, y], ("T", site.Type(x)));

    public static NodeInput Concat(this DowngradeSite site, long axis, params ReadOnlySpan<NodeInput> parts) =>
        site.Add("ConcatV2", [.. parts, site.Int(axis)], ("N", parts.Length), ("T", site.Type(parts[0])), ("Tidx", DataType.Int32));

    public static NodeInput Slice(this DowngradeSite site, NodeInput x, ReadOnlySpan<long> begin, ReadOnlySpan<long> size) =>
        site.Add("Slice", [x, site.Ints(begin), site.Ints(size)], ("T", site.Type(x)), ("Index", DataType.Int32));

    public static NodeInput Gather(this DowngradeSite site, NodeInput x, NodeInput indices, long axis = 0) =>
        site.Add("GatherV2", [x, indices, site.Int(axis)], ("Tparams", site.Type(x)), ("Tindices", site.Type(indices)), ("Taxis", DataType.Int32));

    /// <summary>The shape of a tensor as an int32 vector: a constant when it is known.</summary>
    public static NodeInput ShapeOf(this DowngradeSite site, NodeInput x) =>
        site.Shape(x) is { IsFullyKnown: true } known ? site.Ints(known.Dimensions.AsSpan()) : site.Add("Shape", [x], ("T", site.Type(x)), ("out_type", DataType.Int32));

    /// <summary>A tensor in a shape that it broadcasts to.</summary>
    public static NodeInput Broadcast(this DowngradeSite site, NodeInput x, NodeInput shape)
    {
        DataType type = site.Type(x);
        NodeInput ones = site.Fill(shape, 1, type);
        return type == DataType.Bool ? site.And(x, ones) : site.Binary("Mul", x, ones);
    }

    /// <summary>The shape to which shapes broadcast, as an int32 vector.</summary>
    public static NodeInput JointShape(this DowngradeSite site, params ReadOnlySpan<NodeInput> tensors)
    {
        if (Joint(site, tensors) is { } joint)
            return site.Ints(joint.Dimensions.AsSpan());
        NodeInput shape = site.ShapeOf(tensors[0]);
        foreach (NodeInput other in tensors[1..])
            shape = site.Add("BroadcastArgs", [shape, site.ShapeOf(other)], ("T", DataType.Int32));
        return shape;
    }

    /// <summary>The shape to which shapes broadcast, or null when it is not known.</summary>
    public static TensorShape? Joint(this DowngradeSite site, ReadOnlySpan<NodeInput> tensors)
    {
        TensorShape joint = TensorShape.Scalar;
        foreach (NodeInput tensor in tensors)
        {
            if (Broadcast(joint, site.Shape(tensor)) is not { } next)
                return null;
            joint = next;
        }
        return joint;
    }

    /// <summary>The shape to which two known shapes broadcast; null when one is not known, or they do not.</summary>
    public static TensorShape? Broadcast(TensorShape left, TensorShape right)
    {
        if (!left.IsFullyKnown || !right.IsFullyKnown)
            return null;
        long[] joint = new long[Math.Max(left.Rank, right.Rank)];
        for (int i = 1; i <= joint.Length; i++)
        {
            long a = i <= left.Rank ? left[left.Rank - i] : 1;
            long b = i <= right.Rank ? right[right.Rank - i] : 1;
            if (a != b && a != 1 && b != 1)
                return null;
            joint[^i] = a == 1 ? b : a;
        }
        return TensorShape.Of(joint);
    }

    private static Tensor Integers(ReadOnlySpan<long> values, TensorShape shape)
    {
        int[] integers = new int[values.Length];
        for (int i = 0; i < values.Length; i++)
            integers[i] = checked((int)values[i]);
        return Tensor.Create<int>(DataType.Int32, shape, integers);
    }
}
