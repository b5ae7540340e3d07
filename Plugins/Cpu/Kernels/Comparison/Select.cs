using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Comparison;

/// <summary>Elements of one tensor where the condition is true, of the other elsewhere; a scalar condition picks a whole tensor, a vector one picks rows.</summary>
[Kernel("Select")]
internal sealed class Select : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[1].IsFullyKnown ? node.Shapes[1] : node.Shapes[2]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor condition = call.Inputs[0];
        Tensor then = call.Inputs[1];
        Tensor otherwise = call.Inputs[2];
        if (!then.Shape.Dimensions.SequenceEqual(otherwise.Shape.Dimensions))
            throw Refuse.Invalid($"'then' and 'else' must have the same size.  but received: {then.Shape} vs. {otherwise.Shape}");
        ReadOnlySpan<bool> chosen = condition.AsSpan<bool>();
        if (condition.Shape.Rank == 0)
            return [chosen[0] ? then : otherwise];
        bool isByRow = condition.Shape.Rank == 1 && then.Shape.Rank > 1;
        bool fits = isByRow ? condition.Shape[0] == then.Shape[0] : condition.Shape.Dimensions.SequenceEqual(then.Shape.Dimensions);
        if (!fits)
            throw Refuse.Invalid($"Inputs to operation of type Select must have the same size and shape.  Input 0: {condition.Shape} != input 1: {then.Shape}");
        int run = chosen.Length == 0 ? 0 : (int)(then.ElementCount / chosen.Length);
        TensorBuilder result = TensorBuilder.Of(then.Type, then.Shape);
        if (run == 1)
        {
            result.Pick(chosen, then, otherwise);
            return [result.Build()];
        }
        for (int i = 0; i < chosen.Length; i++)
            result.Copy(chosen[i] ? then : otherwise, i * run, i * run, run);
        return [result.Build()];
    }
}

/// <summary>Select with NumPy broadcasting of all three inputs.</summary>
[Kernel("SelectV2")]
internal sealed class SelectV2 : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [Broadcast.Infer(node.Shapes[0], Broadcast.Infer(node.Shapes[1], node.Shapes[2]))];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor condition = call.Inputs[0];
        TensorShape shape = Broadcast.Of(condition.Shape, Broadcast.Of(call.Inputs[1].Shape, call.Inputs[2].Shape).Shape).Shape;
        IndexPairs thenPair = Broadcast.Of(shape, call.Inputs[1].Shape).Pairs;
        IndexPairs elsePair = Broadcast.Of(shape, call.Inputs[2].Shape).Pairs;
        IndexPairs conditionPair = Broadcast.Of(shape, condition.Shape).Pairs;
        ReadOnlySpan<bool> chosen = condition.AsSpan<bool>();
        TensorBuilder result = TensorBuilder.Of(call.Inputs[1].Type, shape);
        for (int i = 0; i < shape.ElementCount; i++, thenPair.Next(), elsePair.Next(), conditionPair.Next())
        {
            if (chosen[conditionPair.Right])
                result.Copy(call.Inputs[1], thenPair.Right, i, 1);
            else
                result.Copy(call.Inputs[2], elsePair.Right, i, 1);
        }
        return [result.Build()];
    }
}
