using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>The pixels under a window at each of its positions, as channels; zeros outside the image.</summary>
[Kernel("ExtractImagePatches")]
internal sealed class ExtractImagePatches : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => Tensors.Infer(node, () => Target(Windows(node.Node, node.Shapes[0]), node.Shapes[0]));

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        Window[] windows = Windows(call.Node, input.Shape);
        TensorShape shape = Target(windows, input.Shape);
        int channels = (int)input.Shape[3];
        int image = (int)(input.Shape[1] * input.Shape[2]) * channels;
        int patch = (int)shape[3];
        int patches = (int)(shape[1] * shape[2]) * patch;
        TensorBuilder result = TensorBuilder.Of(input.Type, shape);
        for (int n = 0; n < input.Shape[0] && channels > 0; n++)
        {
            int from = n * image;
            int to = n * patches;
            WindowTaps.ForEach(windows, (position, tap, source) => result.Copy(input, from + (source * channels), to + (position * patch) + (tap * channels), channels));
        }
        return [result.Build()];
    }

    private static Window[] Windows(Node node, TensorShape input)
    {
        if (input.Rank != 4)
            throw Refuse.Invalid($"input must be 4-dimensional {input}");
        long[] sizes = Square(node, "ksizes");
        long[] strides = Square(node, "strides");
        long[] rates = Square(node, "rates");
        return [.. Enumerable.Range(1, 2).Select(axis => Window.Of(node.Text("padding"), input[axis], sizes[axis], strides[axis], rates[axis], 0, 0))];
    }

    private static long[] Square(Node node, string name)
    {
        long[] values = node.Longs(name);
        if (values.Length != 4)
            throw Refuse.Invalid($"{name} field must specify 4 dimensions");
        if (values[0] != 1 || values[3] != 1)
            throw Refuse.Unimplemented($"Only support {name} across space.");
        return values[1] > 0 && values[2] > 0 ? values : throw Refuse.Invalid($"{name} must be positive");
    }

    private static TensorShape Target(Window[] windows, TensorShape input) =>
        TensorShape.Of(input[0], windows[0].Output, windows[1].Output, windows[0].Size * windows[1].Size * input[3]);
}
