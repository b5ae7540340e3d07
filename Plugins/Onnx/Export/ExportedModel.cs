using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Export;
using TransformFramework.Onnx.Model;

/// <summary>A node of an ONNX graph.</summary>
internal sealed record ExportedNode(string Op, string Name, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyList<ExportedAttribute> Attributes);

/// <summary>An attribute: an integer, a float, a string or a list of integers.</summary>
internal sealed record ExportedAttribute(string Name, object Value);

/// <summary>A constant.</summary>
internal sealed record ExportedConstant(string Name, DataType Type, long[] Dimensions, ReadOnlyMemory<byte> Content);

/// <summary>An input or output of the graph; a dimension below 0 is unknown, and so are all without a shape.</summary>
internal sealed record ExportedTensor(string Name, DataType Type, TensorShape Shape);

/// <summary>An ONNX graph and its encoding as a ModelProto. Field numbers are those of <c>onnx.proto3</c>.</summary>
internal sealed class ExportedModel
{
    /// <summary>The operator set that the nodes are written in.</summary>
    public const int Opset = 13;

    private const int IrVersion = 7;

    public List<ExportedNode> Nodes { get; } = [];

    public List<ExportedConstant> Constants { get; } = [];

    public List<ExportedTensor> Inputs { get; } = [];

    public List<ExportedTensor> Outputs { get; } = [];

    /// <summary>True for types that ONNX has.</summary>
    public static bool Has(DataType type) => ElementType(type) != 0;

    /// <summary>The number of an element type in ONNX; 0 for none.</summary>
    public static int ElementType(DataType type) => type switch
    {
        DataType.Float => 1,
        DataType.UInt8 or DataType.QUInt8 => 2,
        DataType.Int8 or DataType.QInt8 => 3,
        DataType.UInt16 or DataType.QUInt16 => 4,
        DataType.Int16 or DataType.QInt16 => 5,
        DataType.Int32 or DataType.QInt32 => 6,
        DataType.Int64 => 7,
        DataType.Bool => 9,
        DataType.Half => 10,
        DataType.Double => 11,
        DataType.UInt32 => 12,
        DataType.UInt64 => 13,
        DataType.BFloat16 => 16,
        _ => 0,
    };

    public ProtoMessage Encode() => new ProtoMessage()
        .Add(1, IrVersion)
        .Add(2, "TransformFramework")
        .Add(7, Graph())
        .Add(8, new ProtoMessage().Add(1, "").Add(2, Opset));

    private ProtoMessage Graph() => new ProtoMessage()
        .AddAll(1, Nodes.Select(Encode))
        .Add(2, "graph")
        .AddAll(5, Constants.Select(Encode))
        .AddAll(11, Inputs.Select(Encode))
        .AddAll(12, Outputs.Select(Encode));

    private static ProtoMessage Encode(ExportedNode node) => new ProtoMessage()
        .AddAll(1, node.Inputs)
        .AddAll(2, node.Outputs)
        .Add(3, node.Name)
        .Add(4, node.Op)
        .AddAll(5, node.Attributes.Select(Encode));

    private static ProtoMessage Encode(ExportedAttribute attribute)
    {
        ProtoMessage message = new ProtoMessage().Add(1, attribute.Name);
        return attribute.Value switch
        {
            long integer => message.Add(3, integer).Add(20, 2),
            float number => message.Add(2, number).Add(20, 1),
            string text => message.Add(4, text).Add(20, 3),
            long[] integers => message.AddAll(8, integers).Add(20, 7),
            _ => throw new ArgumentException($"attribute '{attribute.Name}' has a value of type {attribute.Value.GetType()}", nameof(attribute)),
        };
    }

    private static ProtoMessage Encode(ExportedConstant constant) => new ProtoMessage()
        .AddAll(1, constant.Dimensions)
        .Add(2, ElementType(constant.Type))
        .Add(8, constant.Name)
        .Add(9, constant.Content);

    private static ProtoMessage Encode(ExportedTensor value)
    {
        ProtoMessage tensor = new ProtoMessage().Add(1, ElementType(value.Type));
        if (!value.Shape.IsUnknownRank)
            tensor.Add(2, new ProtoMessage().AddAll(1, value.Shape.Dimensions.Select((dimension, i) => Encode(dimension, i))));
        return new ProtoMessage().Add(1, value.Name).Add(2, new ProtoMessage().Add(1, tensor));
    }

    private static ProtoMessage Encode(long dimension, int index) =>
        dimension < 0 ? new ProtoMessage().Add(2, $"unknown_{index}") : new ProtoMessage().Add(1, dimension);
}
