using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Convolution;

/// <summary>Grayscale dilation: the largest x + filter of each window, channel by channel; filter [height, width, channels].</summary>
[Kernel("Dilation2D")]
internal sealed class Dilation2D : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        if (!node.Shapes[0].IsFullyKnown || !node.Shapes[1].IsFullyKnown)
            return [TensorShape.Unknown];
        Window[] windows = Windows(node.Node, node.Shapes[0], node.Shapes[1]);
        return [TensorShape.Of(node.Shapes[0][0], windows[0].Output, windows[1].Output, node.Shapes[0][3])];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        Tensor filter = call.Inputs[1];
        Window[] windows = Windows(call.Node, input.Shape, filter.Shape);
        int channels = (int)input.Shape[3];
        TensorShape shape = TensorShape.Of(input.Shape[0], windows[0].Output, windows[1].Output, channels);
        double[] x = RealValues.ToDoubles(input);
        double[] w = RealValues.ToDoubles(filter);
        double[] y = new double[checked((int)shape.ElementCount)];
        Array.Fill(y, RealValues.Lowest(input.Type));
        for (int n = 0; n < input.Shape[0] && y.Length > 0; n++)
        {
            int inputStart = n * (x.Length / (int)input.Shape[0]);
            int outputStart = n * (y.Length / (int)input.Shape[0]);
            WindowTaps.ForEach(windows, (position, tap, source) =>
            {
                for (int c = 0; c < channels; c++)
                {
                    int target = outputStart + (position * channels) + c;
                    y[target] = Math.Max(y[target], x[inputStart + (source * channels) + c] + w[(tap * channels) + c]);
                }
            });
        }
        return [RealValues.FromDoubles(input.Type, shape, y)];
    }

    private static Window[] Windows(Node node, TensorShape input, TensorShape filter)
    {
        if (input.Rank != 4 || filter.Rank != 3)
            throw Refuse.Invalid($"input must be 4-dimensional and filter 3-dimensional, got {input} and {filter}");
        if (input[3] != filter[2])
            throw Refuse.Invalid($"input and filter must have the same depth: {input[3]} vs {filter[2]}");
        long[] strides = node.Longs("strides");
        long[] rates = node.Longs("rates");
        if (strides.Length != 4 || rates.Length != 4)
            throw Refuse.Invalid($"strides and rates must have 4 elements each, but have {strides.Length} and {rates.Length}");
        if (strides[0] != 1 || strides[3] != 1 || rates[0] != 1 || rates[3] != 1)
            throw Refuse.Unimplemented("Stride and rate are only supported across spatial dimensions.");
        string padding = node.Text("padding");
        return [Window.Of(padding, input[1], filter[0], strides[1], rates[1]), Window.Of(padding, input[2], filter[1], strides[2], rates[2])];
    }
}
