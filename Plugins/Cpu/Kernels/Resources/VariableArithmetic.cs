using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Resources;

/// <summary>Adds to or subtracts from a variable of the run.</summary>
[Kernel("AssignAdd", "AssignSub", "AssignAddVariableOp", "AssignSubVariableOp")]
internal sealed class VariableArithmetic : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => node.Node.Op.EndsWith("VariableOp", StringComparison.Ordinal) ? [] : [node.Shapes[1]];

    public Tensor[] Compute(KernelCall call)
    {
        int sign = call.Node.Op.StartsWith("AssignAdd", StringComparison.Ordinal) ? 1 : -1;
        Tensor change = call.Inputs[1];
        Tensor value = call.Inputs[0].Type == DataType.String ? Variable.Read(call, 0) : call.Inputs[0];
        if (!value.Shape.Equals(change.Shape) || value.Type != change.Type)
            throw Refuse.Invalid($"Cannot update variable with shape {value.Shape} using a Tensor with shape {change.Shape}, shapes must be equal.");
        Tensor result = value.Type is DataType.Int32 or DataType.Int64
            ? Integers.Write(value.Type, value.Shape, [.. Integers.Read(value).Zip(Integers.Read(change), (x, y) => unchecked(x + (sign * y)))])
            : RealValues.FromDoubles(value.Type, value.Shape, [.. RealValues.ToDoubles(value).Zip(RealValues.ToDoubles(change), (x, y) => x + (sign * y))]);
        if (call.Inputs[0].Type == DataType.String)
            Variable.Of(call, 0).Value = result;
        return call.Node.Op.EndsWith("VariableOp", StringComparison.Ordinal) ? [] : [result];
    }
}

/// <summary>The shape of a variable's value.</summary>
[Kernel("VariableShape")]
internal sealed class VariableShape : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        TensorShape shape = Variable.Read(call, 0).Shape;
        return [Integers.Write(call.Node.Type("out_type"), TensorShape.Of(shape.Rank), shape.Dimensions.AsSpan())];
    }
}
