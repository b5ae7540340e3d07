using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>Random features of a kernel: cos(x · W / scale + b).</summary>
[KerasLayer("RandomFourierFeatures")]
internal sealed class FourierFeaturesLayer : Layer
{
    private readonly long size;
    private readonly Variable scale;
    private readonly Variable kernel;
    private readonly Variable bias;

    public FourierFeaturesLayer(LayerSource source)
        : base(source)
    {
        size = Configuration.Count("output_dim");
        scale = Weight("kernel_scale");
        kernel = Weight("unscaled_kernel", trainable: false);
        bias = Weight("bias", trainable: false);
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = graph.Cast(call.Input, DataType.Float);
        if (x.Rank != 2)
            throw KerasException.Configuration($"its input {x.Shape} must have 2 dimensions");
        Symbol inverse = graph.Divide(graph.Scalar("truediv/x", DataType.Float, 1), call.Read(scale, "truediv/ReadVariableOp", DataType.Float, 1));
        Symbol weights = graph.Multiply(inverse, call.Read(kernel, "mul/ReadVariableOp", DataType.Float, x.KnownDimension(-1), size));
        return [graph.Unary("Cos", graph.BiasAdd(graph.MatMul(x, weights), call.Read(bias, "BiasAdd/ReadVariableOp", DataType.Float, size)))];
    }
}
