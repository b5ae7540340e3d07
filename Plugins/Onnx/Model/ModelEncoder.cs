using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Onnx.Model;

/// <summary>Writes a <c>ModelProto</c>. Field numbers are those of <c>onnx.proto3</c>.</summary>
/// <param name="external">Takes the elements of a constant into a file beside the model, and gives their place; null keeps all in the model.</param>
internal sealed class ModelEncoder(Func<ReadOnlyMemory<byte>, (string Location, long Offset)?>? external = null)
{
    private const int BufferLength = 1 << 16;

    /// <summary>The model as a message.</summary>
    public MessageBuilder Encode(OnnxModel model) => new MessageBuilder()
        .Add(1, model.IrVersion)
        .Add(2, model.Producer)
        .Add(7, Encode(model.Graph))
        .AddAll(8, model.Opsets.OrderBy(opset => opset.Key, StringComparer.Ordinal).Select(opset => new MessageBuilder().Add(1, opset.Key).Add(2, opset.Value)));

    public static void Write(MessageBuilder message, Stream stream)
    {
        var writer = new WireWriter(new byte[BufferLength], stream);
        message.WriteTo(writer);
        writer.Flush();
    }

    private MessageBuilder Encode(OnnxGraph graph) => new MessageBuilder()
        .AddAll(1, graph.Nodes.Select(Encode))
        .Add(2, graph.Name)
        .AddAll(5, graph.Initializers.Select(Encode))
        .AddAll(11, graph.Inputs.Select(Encode))
        .AddAll(12, graph.Outputs.Select(Encode));

    private MessageBuilder Encode(OnnxNode node)
    {
        MessageBuilder message = new MessageBuilder()
            .AddAll(1, node.Inputs)
            .AddAll(2, node.Outputs)
            .Add(3, node.Name)
            .Add(4, node.Op)
            .AddAll(5, node.Attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal).Select(attribute => Encode(attribute.Key, attribute.Value)));
        return node.Domain.Length > 0 ? message.Add(7, node.Domain) : message;
    }

    private MessageBuilder Encode(string name, object value)
    {
        MessageBuilder message = new MessageBuilder().Add(1, name);
        return value switch
        {
            long integer => message.Add(3, integer).Add(20, 2),
            float number => message.Add(2, number).Add(20, 1),
            string text => message.Add(4, text).Add(20, 3),
            Tensor tensor => message.Add(5, Tensor("", tensor)).Add(20, 4),
            OnnxGraph graph => message.Add(6, Encode(graph)).Add(20, 5),
            float[] numbers => numbers.Aggregate(message, (all, number) => all.Add(7, number)).Add(20, 6),
            long[] integers => message.AddAll(8, integers).Add(20, 7),
            string[] texts => message.AddAll(9, texts).Add(20, 8),
            _ => throw new ArgumentException($"attribute '{name}' has a value of type {value.GetType()}", nameof(value)),
        };
    }

    private MessageBuilder Encode(OnnxInitializer constant) => Tensor(constant.Name, constant.Value);

    private MessageBuilder Tensor(string name, Tensor tensor)
    {
        MessageBuilder message = new MessageBuilder()
            .AddAll(1, tensor.Shape.Dimensions)
            .Add(2, ElementTypes.Of(tensor.Type));
        if (name.Length > 0)
            message.Add(8, name);
        if (tensor.Type == DataType.String)
            return tensor.Strings.Aggregate(message, (all, text) => all.Add(6, text));
        if (external?.Invoke(tensor.Bytes) is not { } place)
            return message.Add(9, tensor.Bytes);
        return message
            .AddAll(13, [Entry("location", place.Location), Entry("offset", FormattableString.Invariant($"{place.Offset}")), Entry("length", FormattableString.Invariant($"{tensor.Bytes.Length}"))])
            .Add(14, 1);
    }

    private static MessageBuilder Entry(string key, string value) => new MessageBuilder().Add(1, key).Add(2, value);

    private static MessageBuilder Encode(OnnxValue value)
    {
        MessageBuilder tensor = new MessageBuilder().Add(1, value.Type.ElementType);
        if (!value.Type.Shape.IsUnknownRank)
            tensor.Add(2, new MessageBuilder().AddAll(1, value.Type.Shape.Dimensions.Select((dimension, i) => Dimension(value, dimension, i))));
        return new MessageBuilder().Add(1, value.Name).Add(2, new MessageBuilder().Add(1, tensor));
    }

    /// <summary>A free first dimension is the batch, the same for all; other free ones are apart.</summary>
    private static MessageBuilder Dimension(OnnxValue value, long dimension, int axis) =>
        dimension >= 0 ? new MessageBuilder().Add(1, dimension) : new MessageBuilder().Add(2, FormattableString.Invariant($"{value.Name}_{axis}"));
}
