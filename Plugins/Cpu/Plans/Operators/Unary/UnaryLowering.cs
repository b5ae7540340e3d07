using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels.Elementwise;

namespace TransformFramework.Cpu.Plans.Operators.Unary;

/// <summary>Functions of each element of a float tensor, by their reference kernels, in the arena.</summary>
[Lowering("Exp", "Tanh", "Sigmoid", "Erf", "Sqrt", "Rsqrt", "Log", "Elu", "Selu", "Softplus", "Softsign")]
internal sealed class UnaryLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        TensorSource source = builder.Graph.Input(node, 0);
        var output = new TensorSource(node.Index, 0);
        bool fits = node.Kernel is UnaryKernel && builder.Graph[source] is { IsStaticFloat: true, Constant: null } && builder.Graph[output].IsStaticFloat;
        if (!fits)
            return false;
        PlanBuffer read = builder.Tensors.Read(source);
        PlanBuffer target = builder.Tensors.Write(output);
        target.Replaces = read;
        builder.Add(new UnaryOperator((UnaryKernel)node.Kernel!, read, target, (int)builder.Graph[source].Shape.ElementCount) { Node = node.Node });
        return true;
    }
}
