using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Quantization.FourBits;

/// <summary>
/// Writes weights of 4 bits with the ops that make them real again, which every TensorFlow has; a runtime computes them once.
/// <code>
/// packed: uint8 [columns, groups, group / 2]
/// w = Mul(Reshape(Sub(Cast(Pack(BitwiseAnd(packed, 15), RightShift(packed, 4), axis=3)), 8), [columns, groups, group]), scales [columns, groups, 1])
/// rows = Slice(Reshape(w, [columns, groups · group]), [0, 0], [columns, inputs])
/// </code>
/// </summary>
internal sealed class FourBitWriter(InPlaceEdit edit, Node reader)
{
    private const int BitsOfValue = 4;
    private const byte LowerHalf = 15;

    /// <summary>Adds the weights before their reader.</summary>
    /// <param name="prefix">Begins the names of the nodes.</param>
    /// <param name="weights">The weights.</param>
    /// <returns>The real weights, [columns, inputs].</returns>
    public string Write(string prefix, GroupedWeights weights)
    {
        string packed = Insert(Constant(prefix + "/packed", weights.Packed()));
        string low = Insert(new Node(Free(prefix + "/low"), "BitwiseAnd", packed, Insert(Constant(prefix + "/half", Bytes(LowerHalf)))).With("T", DataType.UInt8));
        string high = Insert(new Node(Free(prefix + "/high"), "RightShift", packed, Insert(Constant(prefix + "/bits", Bytes(BitsOfValue)))).With("T", DataType.UInt8));
        string values = Insert(new Node(Free(prefix + "/values"), "Pack", low, high).With("T", DataType.UInt8).With("N", 2L).With("axis", 3L));
        string reals = Insert(new Node(Free(prefix + "/reals"), "Cast", values).With("SrcT", DataType.UInt8).With("DstT", DataType.Float));
        string centred = Insert(new Node(Free(prefix + "/centred"), "Sub", reals, Insert(Constant(prefix + "/zero", Tensor.Scalar((float)-GroupedWeights.Least)))).With("T", DataType.Float));
        string groups = Insert(Reshape(prefix + "/groups", centred, weights.Columns, weights.Groups, weights.Group));
        string scaled = Insert(new Node(Free(prefix + "/scaled"), "Mul", groups, Insert(Constant(prefix + "/scales", weights.ColumnScales()))).With("T", DataType.Float));
        int length = weights.Groups * weights.Group;
        string rows = Insert(Reshape(prefix + "/rows", scaled, weights.Columns, length));
        return length == weights.Inputs ? rows : Insert(new Node(Free(prefix + "/inputs"), "Slice", rows, Insert(Integers(prefix + "/begin", 0, 0)), Insert(Integers(prefix + "/size", weights.Columns, weights.Inputs))).With("T", DataType.Float).With("Index", DataType.Int32));
    }

    /// <summary>The real weights in the shape that a reader has, which begins with the inputs.</summary>
    public string Turned(string prefix, string rows, TensorShape shape)
    {
        string turned = Insert(new Node(Free(prefix + "/turned"), "Transpose", rows, Insert(Integers(prefix + "/order", 1, 0))).With("T", DataType.Float).With("Tperm", DataType.Int32));
        return shape.Rank == 2 ? turned : Shaped(prefix, turned, shape);
    }

    /// <summary>A matrix in another shape.</summary>
    public string Shaped(string prefix, string matrix, TensorShape shape) => Insert(Reshape(prefix + "/shaped", matrix, [.. shape.Dimensions.Select(dimension => (int)dimension)]));

    private Node Reshape(string name, string data, params int[] shape) => new Node(Free(name), "Reshape", data, Insert(Integers(name + "_shape", shape))).With("T", DataType.Float).With("Tshape", DataType.Int32);

    private Node Integers(string name, params int[] values) => Constant(name, Tensor.Create<int>(DataType.Int32, TensorShape.Of(values.Length), values));

    private static Tensor Bytes(byte value) => Tensor.Create<byte>(DataType.UInt8, TensorShape.Scalar, [value]);

    private Node Constant(string name, Tensor value) => Node.Constant(Free(name), value);

    private string Free(string name) => edit.FreeName(name);

    private string Insert(Node node)
    {
        edit.InsertBefore(reader, node);
        return node.Name;
    }
}
