using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Layout;

/// <summary>
/// Changes images from NCHW (channels first) to NHWC (channels last) in the whole graph.
/// <code>
/// y = Conv2D(x, w) {data_format=NCHW}      x/to_nhwc = Transpose(x)
/// z = Relu(y)                          →   y = Conv2D(x/to_nhwc, w) {data_format=NHWC}
///                                          z/nhwc = Relu(y)
///                                          z = Transpose(z/nhwc)
/// </code>
/// Inputs and outputs of the run keep their layout. Convolutions, pools, batch norms and DepthToSpace change; elementwise ops, Concat, Pad, reductions and Squeeze follow with their axes;
/// constants are transposed at once, pairs of transposes vanish. What wants the old order gets it from one Transpose.
/// </summary>
[Transform("to_nhwc", Summary = "Changes images from NCHW to NHWC.", NeedsBackend = true)]
public sealed class ToNhwc : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context) => LayoutChange.Apply(graph, ImageLayout.ToNhwc, context);
}
