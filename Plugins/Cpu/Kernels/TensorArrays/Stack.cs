using System.Text;
using TransformFramework.Cpu.Kernels.Resources;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.TensorArrays;

/// <summary>Makes a stack of tensors.</summary>
[Kernel("Stack", "StackV2")]
internal sealed class StackCreate : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        string handle = call.State.NewHandle("Stack");
        call.State.Set(handle, new Stack<Tensor>());
        return [Tensor.FromStrings(TensorShape.Scalar, [Encoding.UTF8.GetBytes(handle)])];
    }

    internal static Stack<Tensor> Of(KernelCall call)
    {
        string handle = Handle.Name(call.Inputs[0]);
        return call.State.Find<Stack<Tensor>>(handle) ?? throw new ExecutionException(StatusKind.NotFound, $"Stack {handle} does not exist");
    }
}

[Kernel("StackPush", "StackPushV2")]
internal sealed class StackPush : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[1]];

    public Tensor[] Compute(KernelCall call)
    {
        StackCreate.Of(call).Push(call.Inputs[1]);
        return [call.Inputs[1]];
    }
}

[Kernel("StackPop", "StackPopV2")]
internal sealed class StackPop : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call) =>
        [StackCreate.Of(call).TryPop(out Tensor? top) ? top : throw Refuse.Invalid("Stack is empty when calling Pop().")];
}

[Kernel("StackClose", "StackCloseV2")]
internal sealed class StackClose : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

    public Tensor[] Compute(KernelCall call)
    {
        StackCreate.Of(call).Clear();
        return [];
    }
}
