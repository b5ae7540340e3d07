using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;

namespace TransformFramework.Onnx.Reading;

/// <summary>
/// A value of the ONNX graph as the graph that is read has it. A constant becomes a node when it is first asked for. An image may be there with its channels last, as kernels want it, and is
/// transposed when something reads it as ONNX has it.
/// </summary>
internal sealed class ReadValue(NodeEmitter emitter, string name, ValueInfo info, NodeInput? tensor = null)
{
    private NodeInput? tensor = tensor;
    private NodeInput? last;

    public string Name => name;

    public ValueInfo Info => info;

    /// <summary>The tensor of quantized values that the integers are stored in, where there is one.</summary>
    public NodeInput? Quantized { get; init; }

    /// <summary>For a constant that the file stores quantized: how.</summary>
    public QuantizedConstant? Stored { get; init; }

    /// <summary>Tensors of a sequence whose length is known.</summary>
    public IReadOnlyList<ReadValue>? Items { get; init; }

    /// <summary>True for an optional that holds nothing.</summary>
    public bool IsEmptyOptional { get; init; }

    /// <summary>The value of the same image with channels last, which this one is made from when it is read.</summary>
    public ReadValue? LastValue { get; init; }

    public bool IsConstant => tensor is null && LastValue is null && info.Constant is not null;

    /// <summary>True for an image that is computed with its channels last.</summary>
    public bool IsLast => LastValue is not null;

    /// <summary>The tensor in the graph; quantized values are seen as the integers that they are.</summary>
    public NodeInput Tensor
    {
        get
        {
            if (tensor is { } known)
                return known;
            if (LastValue is { } image)
                tensor = Transposed($"{name}/channels_first", image.Tensor, 0, 3, 1, 2);
            else if (info.Constant is { } constant)
                tensor = Keep(emitter.Constant(constant, name));
            else if (Quantized is { } quantized)
                tensor = emitter.Add($"{name}/integers", "Bitcast", [quantized], ("type", info.Type))[0];
            else
                throw OnnxDiagnostics.Decline($"'{name}' is a sequence, which is not a tensor");
            return tensor.Value;
        }
    }

    /// <summary>The image with its channels last.</summary>
    public NodeInput Last => LastValue?.Tensor ?? (last ??= Transposed($"{name}/channels_last", Tensor, 0, 2, 3, 1));

    /// <summary>The elements in their order, for a change of shape: an image of one place is the same in both layouts.</summary>
    public NodeInput Elements => LastValue is { } image && tensor is null && info.Shape is { Rank: 4 } shape && shape[2] == 1 && shape[3] == 1 ? image.Tensor : Tensor;

    private NodeInput Keep(NodeInput constant)
    {
        if (Stored is { } stored)
            emitter.Stored[constant.Node] = stored;
        return constant;
    }

    private NodeInput Transposed(string wish, NodeInput from, params ReadOnlySpan<long> order) =>
        emitter.Add(wish, "Transpose", [from, emitter.Constant(Tensors.Integers(order, DataType.Int32))])[0];
}
