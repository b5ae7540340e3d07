using System.Text;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.TensorArrays;

/// <summary>Makes an array; V3 has the flow, which orders writes and reads, as a second output.</summary>
[Kernel("TensorArray", "TensorArrayV2", "TensorArrayV3")]
internal sealed class TensorArrayCreate : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(2), TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        Node node = call.Node;
        if (call.Inputs[0].Shape.Rank != 0)
            throw Refuse.Invalid($"TensorArray size must be scalar, but had shape: {call.Inputs[0].Shape}");
        long size = Integers.Scalar(call.Inputs[0], "size");
        if (size < 0)
            throw Refuse.Invalid("Size should be >= 0.");
        string handle = call.State.NewHandle("TensorArray");
        bool identical = node.Attributes.ContainsKey("identical_element_shapes") && node.Bool("identical_element_shapes");
        call.State.Set(handle, new TensorArray(handle, node.Type("dtype"), node.Shape("element_shape"), size, node.Bool("dynamic_size"), node.Bool("clear_after_read"), identical));
        return [Tensor.FromStrings(TensorShape.Scalar, [Encoding.UTF8.GetBytes(handle)]), Tensor.Scalar(0f)];
    }
}

[Kernel("TensorArrayWrite", "TensorArrayWriteV2", "TensorArrayWriteV3")]
internal sealed class TensorArrayWrite : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        TensorArray.Of(call).Write(TensorArrayIndex.Of(call.Inputs[1]), call.Inputs[2]);
        return [call.Inputs[3]];
    }
}

[Kernel("TensorArrayRead", "TensorArrayReadV2", "TensorArrayReadV3")]
internal sealed class TensorArrayRead : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        var array = TensorArray.Of(call);
        array.CheckType(call.Node.Type("dtype"));
        return [array.Read(TensorArrayIndex.Of(call.Inputs[1]))];
    }
}

[Kernel("TensorArraySize", "TensorArraySizeV2", "TensorArraySizeV3")]
internal sealed class TensorArraySize : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call) => [Tensor.Scalar(TensorArray.Of(call).Size)];
}

[Kernel("TensorArrayClose", "TensorArrayCloseV2", "TensorArrayCloseV3")]
internal sealed class TensorArrayClose : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

    public Tensor[] Compute(KernelCall call)
    {
        TensorArray.Of(call).Close();
        return [];
    }
}

internal static class TensorArrayIndex
{
    public static long Of(Tensor index) => index.Shape.Rank == 0
        ? Integers.Scalar(index, "index")
        : throw Refuse.Invalid($"TensorArray index must be scalar, but had shape: {index.Shape}");
}
