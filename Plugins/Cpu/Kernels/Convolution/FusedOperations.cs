using TransformFramework.Cpu.Kernels.Elementwise;
using TransformFramework.Cpu.Kernels.MatrixProduct;
using TransformFramework.Cpu.Kernels.Normalization;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Convolution;

/// <summary>A convolution or matrix product and what follows it, as TensorFlow's graph optimizer writes them: <c>fused_ops</c> lists what follows, in order.</summary>
[Kernel("_FusedConv2D", "_FusedDepthwiseConv2dNative", "_FusedMatMul")]
internal sealed class FusedOperations : IKernel
{
    private const string Supported = "BiasAdd, FusedBatchNorm, Add, Relu, Relu6, Elu, LeakyRelu, Sigmoid and Tanh";

    private readonly Convolution convolution = new();
    private readonly DepthwiseConvolution depthwise = new();
    private readonly MatMul product = new();
    private readonly Dictionary<string, (IKernel Kernel, int Arguments)> followers = new(StringComparer.Ordinal)
    {
        ["BiasAdd"] = (new BiasAdd(), 1),
        ["FusedBatchNorm"] = (new FusedBatchNorm(), 4),
        ["Add"] = (new Add(), 1),
        ["Relu"] = (new Relu(), 0),
        ["Relu6"] = (new Relu6(), 0),
        ["Elu"] = (new Elu(), 0),
        ["LeakyRelu"] = (new LeakyRelu(), 0),
        ["Sigmoid"] = (new Sigmoid(), 0),
        ["Tanh"] = (new Tanh(), 0),
    };

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        Head(node.Node).InferShapes(node with { Shapes = [.. node.Shapes.Take(2)], Constants = [.. node.Constants.Take(2)] });

    public Tensor[] Compute(KernelCall call)
    {
        Tensor[] result = Head(call.Node).Compute(call with { Inputs = [.. call.Inputs.Take(2)] });
        Node node = WithFollowerAttributes(call.Node);
        int used = 2;
        foreach (string op in call.Node.Texts("fused_ops"))
        {
            if (!followers.TryGetValue(op, out var follower))
                throw Refuse.Unimplemented($"fused op '{op}' is not supported; {Supported} are");
            if (used + follower.Arguments > call.Inputs.Count)
                throw Refuse.Invalid($"fused op '{op}' needs {follower.Arguments} arguments, but {call.Inputs.Count - used} are left");
            result = follower.Kernel.Compute(call with { Node = node, Inputs = [result[0], .. call.Inputs.Skip(used).Take(follower.Arguments)] })[..1];
            used += follower.Arguments;
        }
        return result;
    }

    private IKernel Head(Node node) => node.Op switch
    {
        "_FusedMatMul" => product,
        "_FusedDepthwiseConv2dNative" => depthwise,
        _ => convolution,
    };

    private static Node WithFollowerAttributes(Node node)
    {
        Node inference = node.With("is_training", false);
        return node.Attributes.TryGetValue("leakyrelu_alpha", out var alpha) ? inference.With("alpha", alpha) : inference;
    }
}
