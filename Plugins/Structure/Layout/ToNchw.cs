using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Layout;

/// <summary>
/// Changes images from NHWC (channels last) to NCHW (channels first) in the whole graph.
/// <code>
/// y = Conv2D(x, w) {data_format=NHWC}      x/to_nchw = Transpose(x)
/// z = Relu(y)                          →   y = Conv2D(x/to_nchw, w) {data_format=NCHW}
///                                          z/nchw = Relu(y)
///                                          z = Transpose(z/nchw)
/// </code>
/// Inputs and outputs of the run keep their layout. Convolutions, pools, batch norms and DepthToSpace change; elementwise ops, Concat, Pad, reductions and Squeeze follow with their axes;
/// constants are transposed at once, pairs of transposes vanish. What wants the old order gets it from one Transpose.
/// </summary>
[Transform("to_nchw", Summary = "Changes images from NHWC to NCHW.", NeedsBackend = true)]
public sealed class ToNchw : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context) => LayoutChange.Apply(graph, ImageLayout.ToNchw, context);
}
