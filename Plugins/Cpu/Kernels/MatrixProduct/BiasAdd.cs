using TransformFramework.Cpu.Kernels.Elementwise;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.MatrixProduct;

/// <summary>Adds a vector along the channels.</summary>
[Kernel("BiasAdd", "BiasAddV1")]
internal sealed class BiasAdd : IKernel
{
    private readonly Add add = new();

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        if (!node.Shapes[0].IsUnknownRank)
            CheckRank(node.Shapes[0]);
        return [node.Shapes[0]];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor value = call.Inputs[0];
        Tensor bias = call.Inputs[1];
        CheckRank(value.Shape);
        if (bias.Shape.Rank != 1)
            throw Refuse.Invalid($"Biases must be 1D: {bias.Shape}");
        bool channelsFirst = call.Node.Attributes.ContainsKey("data_format") && call.Node.Text("data_format") == "NCHW";
        int axis = channelsFirst ? 1 : value.Shape.Rank - 1;
        if (bias.Shape[0] != value.Shape[axis])
            throw Refuse.Invalid($"Must provide as many biases as the {(channelsFirst ? "channel" : "last")} dimension of the input tensor: {bias.Shape} vs. {value.Shape}");
        TensorShape aligned = TensorShape.Of(value.Shape.Dimensions.Skip(axis).Select((dimension, i) => i == 0 ? dimension : 1).ToArray());
        return add.Compute(call with { Inputs = [value, Tensor.FromContent(bias.Type, aligned, bias.Bytes)] });
    }

    private static void CheckRank(TensorShape value)
    {
        if (value.Rank < 2)
            throw Refuse.Invalid($"Input tensor must be at least 2D: {value}");
    }
}
