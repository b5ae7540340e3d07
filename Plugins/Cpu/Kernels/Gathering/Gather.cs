using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Cpu.Kernels.Resources;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Gathering;

/// <summary>Slices of params along an axis, picked by indices; the first batch_dims dimensions of both go together.</summary>
[Kernel("Gather", "GatherV2", "ResourceGather")]
internal sealed class Gather : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        if (node.Node.Op == "ResourceGather" || !node.Shapes[0].IsFullyKnown || !node.Shapes[1].IsFullyKnown || (node.Shapes.Count > 2 && node.Constants[2] is null))
            return [TensorShape.Unknown];
        return [Layout.Of(node.Node, node.Shapes[0], node.Shapes[1], node.Shapes.Count > 2 ? node.Constants[2] : null).Target];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor parameters = call.Node.Op == "ResourceGather" ? Variable.Read(call, 0) : call.Inputs[0];
        Tensor indices = call.Inputs[1];
        var layout = Layout.Of(call.Node, parameters.Shape, indices.Shape, call.Inputs.Count > 2 ? call.Inputs[2] : null);
        long[] picks = Integers.Read(indices);
        Check(picks, layout.Limit, indices.Shape);
        TensorBuilder result = TensorBuilder.Of(parameters.Type, layout.Target);
        int perBatch = layout.Batch == 0 ? 0 : picks.Length / layout.Batch;
        int to = 0;
        for (int batch = 0; batch < layout.Batch && layout.Inner > 0; batch++)
        {
            for (int outer = 0; outer < layout.Outer; outer++)
            {
                int slab = ((batch * layout.Outer) + outer) * layout.Limit;
                for (int i = 0; i < perBatch; i++, to += layout.Inner)
                    result.Copy(parameters, (slab + (int)picks[(batch * perBatch) + i]) * layout.Inner, to, layout.Inner);
            }
        }
        return [result.Build()];
    }

    private static void Check(long[] picks, int limit, TensorShape shape)
    {
        for (int i = 0; i < picks.Length; i++)
        {
            if (picks[i] < 0 || picks[i] >= limit)
                throw Refuse.Invalid($"indices{Position(i, shape)} = {picks[i]} is not in [0, {limit})");
        }
    }

    /// <summary>An element's coordinates as <c>[1,0,2]</c>; of a scalar nothing.</summary>
    private static string Position(int index, TensorShape shape)
    {
        if (shape.Rank == 0)
            return "";
        int[] coordinates = [.. Strided.RowMajor(shape.Dimensions.AsSpan()).Select((stride, axis) => index / stride % (int)shape[axis])];
        return $"[{string.Join(',', coordinates)}]";
    }

    /// <summary>params as [batch, outer, limit, inner].</summary>
    private readonly record struct Layout(int Batch, int Outer, int Limit, int Inner, TensorShape Target)
    {
        public static Layout Of(Node node, TensorShape parameters, TensorShape indices, Tensor? axisInput)
        {
            if (parameters.Rank < 1)
                throw Refuse.Invalid("params must be at least 1 dimensional");
            long given = axisInput is null ? 0 : Integers.Scalar(axisInput, "axis");
            if (given < -parameters.Rank || given >= parameters.Rank)
                throw Refuse.Invalid($"Expected axis in the range [{-parameters.Rank}, {parameters.Rank}), but got {given}");
            int axis = (int)(given < 0 ? given + parameters.Rank : given);
            int batchRank = BatchRank(node, parameters, indices, axis);
            if (axisInput is null)
                axis = batchRank;
            var dimensions = parameters.Dimensions.AsSpan();
            return new(
                (int)Tensors.Product(dimensions[..batchRank]),
                (int)Tensors.Product(dimensions[batchRank..axis]),
                (int)dimensions[axis],
                (int)Tensors.Product(dimensions[(axis + 1)..]),
                TensorShape.Of((long[])[.. dimensions[..axis], .. indices.Dimensions.AsSpan()[batchRank..], .. dimensions[(axis + 1)..]]));
        }

        private static int BatchRank(Node node, TensorShape parameters, TensorShape indices, int axis)
        {
            if (!node.Attributes.ContainsKey("batch_dims"))
                return 0;
            int given = node.Int("batch_dims");
            int rank = given < 0 ? given + indices.Rank : given;
            if (given == 0)
                return 0;
            if (rank < 0 || rank > indices.Rank)
                throw Refuse.Invalid($"Expected batch_dims in the range [{-indices.Rank}, {indices.Rank}], but got {given}");
            if (rank >= parameters.Rank)
                throw Refuse.Invalid($"batch_dims ({rank}) must be less than rank(params) ({parameters.Rank}).");
            if (node.Op == "GatherV2" && axis < rank)
                throw Refuse.Invalid($"batch_dims ({rank}) must be less than or equal to axis ({axis}).");
            for (int i = 0; i < rank; i++)
            {
                if (parameters[i] != indices[i])
                    throw Refuse.Invalid($"params.shape[{i}]: {parameters[i]} should be equal to indices.shape[{i}]: {indices[i]}");
            }
            return rank;
        }
    }
}
