using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;

namespace TransformFramework.Onnx.Reading;

/// <summary>A value of the ONNX graph as the graph that is read has it. A constant becomes a node when it is first asked for.</summary>
internal sealed class ReadValue(NodeEmitter emitter, string name, ValueInfo info, NodeInput? tensor = null)
{
    private NodeInput? tensor = tensor;

    public string Name => name;

    public ValueInfo Info => info;

    /// <summary>The tensor of quantized values that the integers are stored in, where there is one.</summary>
    public NodeInput? Quantized { get; init; }

    /// <summary>Tensors of a sequence whose length is known.</summary>
    public IReadOnlyList<ReadValue>? Items { get; init; }

    /// <summary>True for an optional that holds nothing.</summary>
    public bool IsEmptyOptional { get; init; }

    public bool IsConstant => tensor is null && info.Constant is not null;

    /// <summary>The tensor in the graph; quantized values are seen as the integers that they are.</summary>
    public NodeInput Tensor
    {
        get
        {
            if (tensor is { } known)
                return known;
            if (info.Constant is { } constant)
                tensor = emitter.Constant(constant, name);
            else if (Quantized is { } quantized)
                tensor = emitter.Add($"{name}/integers", "Bitcast", [quantized], ("type", info.Type))[0];
            else
                throw OnnxDiagnostics.Decline($"'{name}' is a sequence, which is not a tensor");
            return tensor.Value;
        }
    }
}
