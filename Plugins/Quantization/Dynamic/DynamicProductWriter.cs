using TransformFramework.Graphs;
using TransformFramework.Quantization.Static;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Quantization.Dynamic;

/// <summary>Writes products as UniformQuantizedDotHybrid: qint8 weights with a scale for each column, data that the op quantizes row by row in each run.</summary>
/// <param name="edit">The changes of a graph or of a function's body.</param>
/// <param name="perChannel">One scale a column.</param>
/// <param name="saturation">Which weights are allowed.</param>
internal sealed class DynamicProductWriter(InPlaceEdit edit, bool perChannel, Saturation saturation)
{
    private readonly Dictionary<(string Weights, bool IsTransposed, int Summed), (string Values, string Scales, string ZeroPoints)> written = [];

    /// <summary>Puts the quantized product in the place of the node.</summary>
    public void Write(DynamicProduct product)
    {
        Node node = product.Node;
        var (values, scales, zeroPoints) = Weights(product);
        NodeInput data = node.Inputs[0];
        NodeInput rows = product.IsMatrix ? data : Insert(node, Reshape(node, "/rows", data, Insert(node, Integers(node, "/rows_shape", -1, (int)product.Weights.Shape[0]))));
        Node dot = new Node(product.IsMatrix ? node.Name : edit.FreeName(node.Name + "/product"), "UniformQuantizedDotHybrid", [rows, values, scales, zeroPoints, .. node.ControlInputs])
            .With("Tlhs", DataType.Float).With("Trhs", DataType.QInt8).With("Tout", DataType.Float).With("rhs_quantization_axis", perChannel ? 1L : -1L)
            .With("rhs_quantization_min_val", (long)-QuantizedFilter.Levels).With("rhs_quantization_max_val", (long)QuantizedFilter.Levels) with
        { Device = node.Device };
        if (product.IsMatrix)
        {
            edit.Change(node, _ => dot);
            return;
        }
        string result = Insert(node, dot);
        string shape = ShapeOfResult(product, data);
        edit.Change(node, _ => Reshape(node, "", result, shape) with { Name = node.Name, Device = node.Device });
    }

    /// <summary>The shape of the data with the columns in the place of what is summed over, found in the run.</summary>
    private string ShapeOfResult(DynamicProduct product, NodeInput data)
    {
        Node node = product.Node;
        string whole = Insert(node, new Node(edit.FreeName(node.Name + "/shape"), "Shape", data).With("T", DataType.Float).With("out_type", DataType.Int32));
        string begin = Insert(node, Integers(node, "/begin", 0));
        string end = Insert(node, Integers(node, "/end", -product.Summed));
        string one = Insert(node, Integers(node, "/stride", 1));
        string kept = Insert(node, new Node(edit.FreeName(node.Name + "/kept"), "StridedSlice", whole, begin, end, one).With("T", DataType.Int32).With("Index", DataType.Int32));
        string columns = Insert(node, Integers(node, "/columns", [.. product.Columns.Dimensions.Select(dimension => (int)dimension)]));
        string axis = Insert(node, Node.Constant(edit.FreeName(node.Name + "/axis"), Tensor.Scalar(0)));
        return Insert(node, new Node(edit.FreeName(node.Name + "/result_shape"), "ConcatV2", kept, columns, axis).With("T", DataType.Int32).With("N", 2L).With("Tidx", DataType.Int32));
    }

    private (string Values, string Scales, string ZeroPoints) Weights(DynamicProduct product)
    {
        Node node = product.Node;
        NodeInput source = node.Inputs[WeightedLayer.WeightsInput];
        if (written.TryGetValue(product.WeightsKey, out var known))
            return known;
        int columns = (int)product.Weights.Shape[1];
        var filter = QuantizedFilter.Of(Tensor.FromContent(DataType.Float, TensorShape.Of(1, 1, product.Weights.Shape[0], columns), product.Weights.Bytes), new float[columns], new(IsSigned: true, 1), perChannel, saturation, isDepthwise: false);
        float[] steps = [.. filter.Ends.Select(end => end / QuantizedFilter.Levels)];
        TensorShape shape = perChannel ? TensorShape.Of(columns) : TensorShape.Scalar;
        string name = source.Node;
        return written[product.WeightsKey] = (
            Insert(node, Node.Constant(edit.FreeName(name + "/quantized"), Tensor.FromContent(DataType.QInt8, product.Weights.Shape, filter.Values.Bytes))),
            Insert(node, Node.Constant(edit.FreeName(name + "/scales"), Tensor.Create<float>(DataType.Float, shape, steps))),
            Insert(node, Node.Constant(edit.FreeName(name + "/zero_points"), Tensor.Create<int>(DataType.Int32, shape, new int[steps.Length]))));
    }

    private Node Reshape(Node node, string ending, NodeInput data, NodeInput shape) =>
        new Node(ending.Length == 0 ? node.Name : edit.FreeName(node.Name + ending), "Reshape", data, shape).With("T", DataType.Float).With("Tshape", DataType.Int32);

    private Node Integers(Node node, string ending, params int[] values) => Node.Constant(edit.FreeName(node.Name + ending), Tensor.Create<int>(DataType.Int32, TensorShape.Of(values.Length), values));

    private string Insert(Node before, Node made)
    {
        edit.InsertBefore(before, made);
        return made.Name;
    }
}
