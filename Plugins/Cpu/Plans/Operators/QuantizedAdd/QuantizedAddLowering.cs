using TransformFramework.Cpu.Analysis;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.QuantizedAdd;

/// <summary>QuantizedAdd of tensors of one shape with more than one element.</summary>
[Lowering("QuantizedAdd")]
internal sealed class QuantizedAddLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        var accumulators = new TensorSource(node.Index, 0);
        TensorSource[] given = graph.Inputs(node).ToArray();
        bool fits = graph[accumulators] is { IsStatic: true, Type: DataType.QInt32, Shape.ElementCount: > 1 } shape && given[..2].All(source => IsLike(graph[source], shape)) && given[2..].All(source => graph[source].IsStaticFloat);
        if (!fits)
            return false;
        var x = new QuantizedAddend(builder.Tensors.Read(given[0]), builder.Tensors.ReadRange(given[2], given[3]));
        var y = new QuantizedAddend(builder.Tensors.Read(given[1]), builder.Tensors.ReadRange(given[4], given[5]));
        PlanBuffer target = builder.Tensors.Write(accumulators);
        RangeBuffers result = builder.Tensors.WriteRange(new(node.Index, 1), new(node.Index, 2));
        var accumulatorRange = AccumulatorRange.Of(1);
        var reference = ReferenceChain.Of(builder, [node], (accumulators, target), (new(node.Index, 1), result.Min), (new(node.Index, 2), result.Max));
        builder.AccumulatorRanges.Add(accumulators, accumulatorRange);
        builder.Add(new QuantizedAddOperator(builder.Kernels.Int8Vectors, x, y, target, result, accumulatorRange, reference) { Node = node.Node });
        return true;
    }

    private static bool IsLike(PlanTensor tensor, PlanTensor accumulators) => tensor is { IsStatic: true, Type: DataType.QUInt8 } && tensor.Shape.Dimensions.AsSpan().SequenceEqual(accumulators.Shape.Dimensions.AsSpan());
}
