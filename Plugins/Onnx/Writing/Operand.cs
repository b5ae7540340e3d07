using TransformFramework.Onnx.Inference;

namespace TransformFramework.Onnx.Writing;

/// <summary>A value of the ONNX graph that is written: a tensor by its name, or a constant that is put into the model when a node reads it.</summary>
internal sealed class Operand(ValueInfo info, string? name = null)
{
    /// <summary>Type, shape and contents as far as they are known.</summary>
    public ValueInfo Info => info;

    /// <summary>Its name; null for a constant that nothing reads yet.</summary>
    public string? Name { get; set; } = name;

    /// <summary>Place of the node that computes it, in the list of its graph; -1 for none.</summary>
    public int Producer { get; init; } = -1;

    /// <summary>For a constant that is stored quantized: how.</summary>
    public QuantizedConstant? Quantized { get; init; }

    public bool IsConstant => info.Constant is not null && Producer < 0;
}

/// <summary>Order of the dimensions of an activation.</summary>
internal enum Layout
{
    /// <summary>As the graph has it.</summary>
    Original,

    /// <summary>Channels second, where the graph has them last: [batch, channels, height, width].</summary>
    ChannelsFirst,
}
