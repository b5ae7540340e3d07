using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Onnx.Model;

/// <summary>Reads a <c>ModelProto</c>. Field numbers are those of <c>onnx.proto3</c>; fields that it does not name are stepped over.</summary>
/// <param name="tensors">Reads the constants.</param>
/// <param name="cancellation">Ends the reading.</param>
internal sealed class ModelDecoder(TensorDecoder tensors, CancellationToken cancellation)
{
    private const int TypeString = 3;

    /// <exception cref="ModelFormatException">The bytes are not a model.</exception>
    public OnnxModel Decode(ReadOnlyMemory<byte> content)
    {
        var model = new OnnxModel();
        bool hasGraph = false;
        var reader = new WireReader(content);
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Varint):
                    model.IrVersion = (long)reader.Varint();
                    break;
                case (2, WireType.Bytes):
                    model.Producer = reader.String();
                    break;
                case (3, WireType.Bytes):
                    model.ProducerVersion = reader.String();
                    break;
                case (7, WireType.Bytes):
                    model.Graph = Graph(reader.Message());
                    hasGraph = true;
                    break;
                case (8, WireType.Bytes):
                    Opset(reader.Message(), model.Opsets);
                    break;
                case (25, WireType.Bytes):
                    model.Functions.Add(Function(reader.Message()));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return hasGraph ? model : throw OnnxDiagnostics.Broken("the model has no graph");
    }

    private OnnxGraph Graph(WireReader reader)
    {
        var graph = new OnnxGraph();
        while (reader.Next())
        {
            cancellation.ThrowIfCancellationRequested();
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    graph.Nodes.Add(Node(reader.Message()));
                    break;
                case (2, WireType.Bytes):
                    graph.Name = reader.String();
                    break;
                case (5, WireType.Bytes):
                    graph.Initializers.Add(tensors.Decode(reader.Message()));
                    break;
                case (11, WireType.Bytes):
                    graph.Inputs.Add(Value(reader.Message()));
                    break;
                case (12, WireType.Bytes):
                    graph.Outputs.Add(Value(reader.Message()));
                    break;
                case (13, WireType.Bytes):
                    graph.Values.Add(Value(reader.Message()));
                    break;
                case (15, WireType.Bytes):
                    graph.Initializers.Add(tensors.DecodeSparse(reader.Message()));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return graph;
    }

    private OnnxNode Node(WireReader reader)
    {
        List<string> inputs = [];
        List<string> outputs = [];
        Dictionary<string, object> attributes = new(StringComparer.Ordinal);
        string name = "";
        string op = "";
        string domain = "";
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    inputs.Add(reader.String());
                    break;
                case (2, WireType.Bytes):
                    outputs.Add(reader.String());
                    break;
                case (3, WireType.Bytes):
                    name = reader.String();
                    break;
                case (4, WireType.Bytes):
                    op = reader.String();
                    break;
                case (5, WireType.Bytes):
                    if (Attribute(reader.Message()) is var (key, value) && value is not null)
                        attributes[key] = value;
                    break;
                case (7, WireType.Bytes):
                    domain = Domain(reader.String());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return new(op, name, inputs, outputs, attributes) { Domain = domain };
    }

    private (string Name, object? Value) Attribute(WireReader reader)
    {
        string name = "";
        string? reference = null;
        long kind = 0;
        object? single = null;
        string? text = null;
        var floats = new List<float>();
        var integers = new List<long>();
        var texts = new List<string>();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    name = reader.String();
                    break;
                case (2, WireType.Fixed32):
                    single = BitConverter.UInt32BitsToSingle(reader.Fixed32());
                    break;
                case (3, WireType.Varint):
                    single = (long)reader.Varint();
                    break;
                case (4, WireType.Bytes):
                    text = TextOf(reader.Bytes());
                    break;
                case (5, WireType.Bytes):
                    OnnxInitializer tensor = tensors.Decode(reader.Message());
                    single = tensor.Narrow is null ? tensor.Value : tensor;
                    break;
                case (6, WireType.Bytes):
                    single = Graph(reader.Message());
                    break;
                case (7, _):
                    RepeatedFields.Floats(ref reader, floats);
                    break;
                case (8, _):
                    RepeatedFields.Integers(ref reader, integers);
                    break;
                case (9, WireType.Bytes):
                    texts.Add(TextOf(reader.Bytes()));
                    break;
                case (14, WireType.Bytes):
                    single = Type(reader.Message());
                    break;
                case (20, WireType.Varint):
                    kind = (long)reader.Varint();
                    break;
                case (21, WireType.Bytes):
                    reference = reader.String();
                    break;
                case (22, WireType.Bytes):
                    single = tensors.DecodeSparse(reader.Message()).Value;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        object? value = !string.IsNullOrEmpty(reference) ? new AttributeReference(reference)
            : text is not null && (kind is TypeString or 0 || single is null) ? text
            : kind is 0 or 1 or 2 && single is null ? Absent(kind, floats, integers, texts)
            : kind switch { 6 => floats.ToArray(), 7 => integers.ToArray(), 8 => texts.ToArray(), TypeString => "", _ => single };
        return (name, value);
    }

    /// <summary>The value of an attribute whose scalar field was left out because it is zero, or of one without a kind.</summary>
    private static object? Absent(long kind, List<float> floats, List<long> integers, List<string> texts) => kind switch
    {
        1 => 0f,
        2 => 0L,
        _ when floats.Count > 0 => floats.ToArray(),
        _ when texts.Count > 0 => texts.ToArray(),
        _ => integers.ToArray(),
    };

    private static OnnxValue Value(WireReader reader)
    {
        string name = "";
        var type = new OnnxType(0, TensorShape.Unknown);
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    name = reader.String();
                    break;
                case (2, WireType.Bytes):
                    type = Type(reader.Message());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return new(name, type);
    }

    private static OnnxType Type(WireReader reader)
    {
        var type = new OnnxType(0, TensorShape.Unknown);
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    type = TensorType(reader.Message());
                    break;
                case (4, WireType.Bytes):
                    type = Inner(reader.Message()) with { IsSequence = true };
                    break;
                case (9, WireType.Bytes):
                    type = Inner(reader.Message()) with { IsOptional = true };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return type;
    }

    private static OnnxType Inner(WireReader reader)
    {
        var type = new OnnxType(0, TensorShape.Unknown);
        while (reader.Next())
        {
            if (reader is { Field: 1, Type: WireType.Bytes })
                type = Type(reader.Message());
            else
                reader.Skip();
        }
        return type;
    }

    private static OnnxType TensorType(WireReader reader)
    {
        long element = 0;
        TensorShape shape = TensorShape.Unknown;
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Varint):
                    element = (long)reader.Varint();
                    break;
                case (2, WireType.Bytes):
                    shape = Shape(reader.Message());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return new(element, shape);
    }

    private static TensorShape Shape(WireReader reader)
    {
        var dimensions = new List<long>();
        while (reader.Next())
        {
            if (reader is { Field: 1, Type: WireType.Bytes })
                dimensions.Add(Dimension(reader.Message()));
            else
                reader.Skip();
        }
        return TensorShape.Of([.. dimensions]);
    }

    /// <summary>A dimension; one with a name or without a value is unknown.</summary>
    private static long Dimension(WireReader reader)
    {
        long dimension = -1;
        while (reader.Next())
        {
            if (reader is { Field: 1, Type: WireType.Varint })
                dimension = Math.Max(-1, (long)reader.Varint());
            else
                reader.Skip();
        }
        return dimension;
    }

    private OnnxFunction Function(WireReader reader)
    {
        string name = "";
        string domain = "";
        string overload = "";
        List<string> inputs = [];
        List<string> outputs = [];
        List<OnnxNode> nodes = [];
        Dictionary<string, long> opsets = new(StringComparer.Ordinal);
        Dictionary<string, object> defaults = new(StringComparer.Ordinal);
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    name = reader.String();
                    break;
                case (4, WireType.Bytes):
                    inputs.Add(reader.String());
                    break;
                case (5, WireType.Bytes):
                    outputs.Add(reader.String());
                    break;
                case (7, WireType.Bytes):
                    nodes.Add(Node(reader.Message()));
                    break;
                case (9, WireType.Bytes):
                    Opset(reader.Message(), opsets);
                    break;
                case (10, WireType.Bytes):
                    domain = Domain(reader.String());
                    break;
                case (11, WireType.Bytes):
                    if (Attribute(reader.Message()) is var (key, value) && value is not null)
                        defaults[key] = value;
                    break;
                case (13, WireType.Bytes):
                    overload = reader.String();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return new(domain, name, inputs, outputs, nodes) { Overload = overload, Opsets = opsets, Defaults = defaults };
    }

    private static void Opset(WireReader reader, Dictionary<string, long> opsets)
    {
        string domain = "";
        long version = 0;
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    domain = Domain(reader.String());
                    break;
                case (2, WireType.Varint):
                    version = (long)reader.Varint();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        opsets[domain] = version;
    }

    private static string Domain(string domain) => domain == "ai.onnx" ? "" : domain;

    private static string TextOf(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);
}
