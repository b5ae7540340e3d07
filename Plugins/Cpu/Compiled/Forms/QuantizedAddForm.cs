using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Planning;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>QuantizedAdd of tensors of one shape with more than one element.</summary>
internal sealed class QuantizedAddForm : IFastForm
{
    public bool IsExact => true;

    public bool TryLower(ProgramNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        var sums = new TensorSource(node.Index, 0);
        TensorSource[] given = graph.Inputs(node).ToArray();
        bool fits = graph[sums] is { IsStatic: true, Type: DataType.QInt32, Shape.ElementCount: > 1 } shape && given[..2].All(source => IsLike(graph[source], shape)) && given[2..].All(source => graph[source].IsStaticFloat);
        if (!fits)
            return false;
        var x = new CodeSummand(builder.Read(given[0]), builder.ReadRange(given[2], given[3]));
        var y = new CodeSummand(builder.Read(given[1]), builder.ReadRange(given[4], given[5]));
        PlanBuffer target = builder.Write(sums);
        PlanRange result = builder.WriteRange(new(node.Index, 1), new(node.Index, 2));
        var extents = CodeExtents.Of(1);
        var reference = ReferenceChain.Of(builder, [node], (sums, target), (new(node.Index, 1), result.Min), (new(node.Index, 2), result.Max));
        builder.Extents.Add(sums, extents);
        builder.Add(new AddCodesStep(builder.Kernels.Conversions, x, y, target, result, extents, reference) { Node = node.Node });
        return true;
    }

    private static bool IsLike(PlanTensor tensor, PlanTensor sums) => tensor is { IsStatic: true, Type: DataType.QUInt8 } && tensor.Shape.Dimensions.AsSpan().SequenceEqual(sums.Shape.Dimensions.AsSpan());
}
